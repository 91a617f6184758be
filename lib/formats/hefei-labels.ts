/** The 34 labels of the second round of the Hefei Hi-tech Cup, in the order of its label file, with an English gloss. */
export const HEFEI_ROUND2_LABELS: readonly (readonly [name: string, gloss: string])[] = [
  ["QRS低电压", "low QRS voltage"],
  ["电轴右偏", "right axis deviation"],
  ["起搏心律", "paced rhythm"],
  ["T波改变", "T-wave change"],
  ["电轴左偏", "left axis deviation"],
  ["心房颤动", "atrial fibrillation"],
  ["非特异性ST段异常", "non-specific ST abnormality"],
  ["下壁异常Q波", "inferior abnormal Q"],
  ["前间壁R波递增不良", "poor anteroseptal R progression"],
  ["ST段改变", "ST change"],
  ["一度房室传导阻滞", "first-degree AV block"],
  ["左束支传导阻滞", "LBBB"],
  ["右束支传导阻滞", "RBBB"],
  ["完全性左束支传导阻滞", "complete LBBB"],
  ["左前分支传导阻滞", "left anterior fascicular block"],
  ["右心房扩大", "right atrial enlargement"],
  ["短PR间期", "short PR"],
  ["左心室高电压", "LV high voltage"],
  ["窦性心动过缓", "sinus bradycardia"],
  ["早期复极化", "early repolarisation"],
  ["窦性心律", "sinus rhythm"],
  ["融合波", "fusion beat"],
  ["ST-T改变", "ST-T change"],
  ["非特异性ST段与T波异常", "non-specific ST and T abnormality"],
  ["快心室率", "rapid ventricular rate"],
  ["非特异性T波异常", "non-specific T abnormality"],
  ["室性早搏", "premature ventricular beat"],
  ["房性早搏", "premature atrial beat"],
  ["窦性心律不齐", "sinus arrhythmia"],
  ["完全性右束支传导阻滞", "complete RBBB"],
  ["窦性心动过速", "sinus tachycardia"],
  ["不完全性右束支传导阻滞", "incomplete RBBB"],
  ["顺钟向转位", "clockwise rotation"],
  ["逆钟向转位", "counter-clockwise rotation"],
];

/** Labels of the bundled sample that the competition's second round did not have. */
const FURTHER_LABELS: readonly (readonly [name: string, gloss: string])[] = [
  ["QT间期延长", "long QT"],
  ["心房扑动", "atrial flutter"],
];

const glosses = new Map([...HEFEI_ROUND2_LABELS, ...FURTHER_LABELS]);

/** English gloss of a label; the label itself where none is known. */
export function hefeiGloss(label: string): string {
  return glosses.get(label) ?? label;
}
