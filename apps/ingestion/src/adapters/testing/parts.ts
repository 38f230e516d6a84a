import type { NativeReport } from '../adapter.js';
import { adapterFor } from '../registry.js';

/** The reports that a body is cut into before it is adapted. */
export function partsOf(report: NativeReport): NativeReport[] {
  return adapterFor(report.agent).parts?.(report) ?? [report];
}
