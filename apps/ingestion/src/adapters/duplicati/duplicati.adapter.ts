import { type AdaptedReport, type AgentAdapter, type NativeReport, UnreadableReport } from '../adapter.js';
import { Fields } from '../reports/fields.js';
import { parseObject } from '../reports/json.js';
import { adaptForm, adaptFormText } from './form-report.js';
import { adaptJsonReport } from './json-report.js';
import { adaptStatusReport } from './status-report.js';

export const duplicatiAdapter: AgentAdapter = {
  agents: ['duplicati'],
  name: 'duplicati',
  version: '1',
  adapt(report: NativeReport): AdaptedReport {
    if (isForm(report)) return adaptFormText(report);
    const fields = new Fields(parseObject(report.text));
    if (fields.has('Data') || fields.has('Exception')) return adaptJsonReport(fields, report);
    if (fields.has('status') || fields.has('startedUtc')) return adaptStatusReport(fields, report);
    if (fields.peekText('message') !== null) return adaptForm(fields, fields.source, report);
    throw new UnreadableReport('not_a_report');
  },
};

function isForm({ contentType, text }: NativeReport): boolean {
  if (text.startsWith('{')) return false;
  return contentType?.startsWith('application/x-www-form-urlencoded') === true || text.startsWith('message=');
}
