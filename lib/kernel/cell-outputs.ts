/** The outputs of a running notebook, gathered from the kernel's messages as a front end would show them. */
import type { MimeBundle, NotebookCell, Output } from "./notebook-file";
import { TerminalText } from "./terminal-text";
import type { Message } from "./wire";

type DisplayOutput = Extract<Output, { data: MimeBundle }>;

/** Outputs that later cells may redraw, by display id: one for a whole notebook. */
export class Displays {
  private readonly shown = new Map<string, DisplayOutput[]>();

  add(id: string, output: DisplayOutput): void {
    this.shown.set(id, [...(this.shown.get(id) ?? []), output]);
  }

  update(id: string, data: MimeBundle, metadata: Record<string, unknown>): void {
    for (const output of this.shown.get(id) ?? []) Object.assign(output, { data, metadata });
  }
}

/** The outputs of one cell while it runs. */
export class CellOutputs {
  private readonly streams = new Map<Output, TerminalText>();
  private clearAtNext = false;

  /** @param onProgress hears the last line of what the cell prints or redraws. */
  constructor(
    private readonly cell: NotebookCell,
    private readonly displays: Displays,
    private readonly onProgress: (line: string) => void,
  ) {
    cell.outputs = [];
  }

  /** Takes one message of the kernel's iopub channel. */
  receive({ header, content }: Message): void {
    switch (header.msg_type) {
      case "execute_input":
        this.cell.execution_count = content.execution_count as number;
        return;
      case "stream":
        this.print(content.name as string, content.text as string);
        return;
      case "display_data":
      case "execute_result":
        this.display(header.msg_type, content);
        return;
      case "update_display_data":
        this.displays.update(displayId(content) ?? "", bundle(content.data), bundle(content.metadata));
        this.tellText(bundle(content.data));
        return;
      case "error":
        this.error(content.ename as string, content.evalue as string, content.traceback as string[]);
        return;
      case "clear_output":
        if (content.wait === true) this.clearAtNext = true;
        else this.clear();
    }
  }

  /** Adds an error the kernel could not tell itself: it died, or was too slow. */
  error(ename: string, evalue: string, traceback: string[]): void {
    this.push({ output_type: "error", ename, evalue, traceback });
  }

  private print(name: string, text: string): void {
    const last = this.cell.outputs!.at(-1);
    let output = last?.output_type === "stream" && last.name === name && !this.clearAtNext ? last : undefined;
    if (output === undefined) {
      output = { output_type: "stream", name, text: "" };
      this.push(output);
      this.streams.set(output, new TerminalText());
    }
    const terminal = this.streams.get(output)!;
    terminal.write(text);
    this.onProgress(terminal.lastLine);
  }

  /** Puts what was printed into the outputs, as it stands now. */
  settle(): void {
    for (const [output, terminal] of this.streams)
      if (output.output_type === "stream") output.text = terminal.toString();
  }

  private display(type: "display_data" | "execute_result", content: Message["content"]): void {
    const [data, metadata] = [bundle(content.data), bundle(content.metadata)];
    const output: DisplayOutput =
      type === "display_data"
        ? { output_type: type, data, metadata }
        : { output_type: type, data, metadata, execution_count: content.execution_count as number };
    this.push(output);
    const id = displayId(content);
    if (id !== undefined) this.displays.add(id, output);
    if (type === "display_data") this.tellText(data);
  }

  private push(output: Output): void {
    if (this.clearAtNext) this.clear();
    this.cell.outputs!.push(output);
  }

  private clear(): void {
    this.clearAtNext = false;
    this.cell.outputs!.length = 0;
  }

  private tellText(data: MimeBundle): void {
    const text = data["text/plain"];
    const line = typeof text === "string" ? text.trimEnd().split("\n").at(-1) : undefined;
    if (line) this.onProgress(line);
  }
}

function bundle(value: unknown): MimeBundle {
  return (value ?? {}) as MimeBundle;
}

function displayId(content: Message["content"]): string | undefined {
  return (content.transient as { display_id?: string } | undefined)?.display_id;
}
