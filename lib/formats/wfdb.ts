/** WFDB records, of one piece or of segments, in physical units: https://physionet.org/physiotools/wag/header-5.htm */
import type { Recording } from "./types";
import { readWfdbHeader } from "./wfdb-header";
import { readSegments } from "./wfdb-segments";
import { physicalSignals, readStored } from "./wfdb-stored";

/**
 * A record in physical units (Float64Array). Samples are NaN where the format marks them as missing, where a signal's
 * skew reaches beyond its end, and where a segment has no such signal.
 * @param path the header, with or without ".hea".
 * @throws SignalbookError for a damaged header, a truncated data file, a checksum or first value that differs from the
 * header's, a format that is not read, and segments that do not fit together.
 */
export function readWfdbRecord(path: string): Recording {
  const header = readWfdbHeader(path.endsWith(".hea") ? path : `${path}.hea`);
  return {
    id: header.record,
    source: header.file,
    start: header.start,
    signals: header.segments.length > 0 ? readSegments(header) : physicalSignals(readStored(header)),
    annotations: [],
    comments: header.comments,
  };
}
