import { type AdaptedReport, type AgentAdapter, type NativeReport, UnreadableReport } from '../adapter.js';
import { Fields } from '../reports/fields.js';
import { type JsonObject, parseObject, setOwn } from '../reports/json.js';
import { partOf } from '../reports/parts.js';
import { adaptAlert, ALERT_KINDS, ALERT_MARK, isLate } from './alert.js';
import { adaptBackup } from './backup.js';

/** The parameters of the server's report script, or of its alert script, as JSON. */
export const urbackupAdapter: AgentAdapter = {
  agents: ['urbackup'],
  name: 'urbackup',
  version: '1',
  parts(report: NativeReport): NativeReport[] {
    const fields = new Fields(parseObject(report.text));
    const late = ALERT_KINDS.filter((kind) => isLate(fields, kind));
    // Files and image of a client are two jobs: each is missed for itself.
    return late.length < 2
      ? [report]
      : late.map((kind) => partOf(report, JSON.stringify(marked(fields.source, kind))));
  },
  adapt(report: NativeReport): AdaptedReport {
    const fields = new Fields(parseObject(report.text));
    if (fields.has('success') || fields.has('data')) return adaptBackup(fields, report);
    if (fields.has('file_ok') || fields.has('image_ok')) return adaptAlert(fields, report);
    throw new UnreadableReport('not_a_report');
  },
};

function marked(source: JsonObject, kind: string): JsonObject {
  const copy: JsonObject = {};
  for (const name of Object.keys(source)) setOwn(copy, name, source[name]);
  setOwn(copy, ALERT_MARK, kind);
  return copy;
}
