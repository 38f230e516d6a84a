import { describe, expect, it } from '@jest/globals';
import { adapterFor } from '../adapters/registry.js';
import type { AdaptedReport } from '../adapters/adapter.js';
import { notification, OK_GUEST, vzdumpMessage } from '../adapters/proxmox/testing/fixtures.js';
import { ENDPOINT_AGENTS, type EndpointAgent } from './endpoint.js';
import { snippetsFor } from './snippets.js';

const URL = 'https://in.example';
const textOf = (agent: EndpointAgent, title: RegExp): string => {
  const found = snippetsFor(agent, URL).find((snippet) => title.test(snippet.title));
  if (!found) throw new Error(`No snippet ${title.source}`);
  return found.text;
};

function adapt(agent: EndpointAgent, text: string): AdaptedReport {
  return adapterFor(agent).adapt({
    agent,
    contentType: 'application/json',
    headers: {},
    body: Buffer.from(text),
    text,
    receivedAt: '2026-11-21T04:00:00.000Z',
    zone: 'UTC',
  });
}

/** Handlebars as Proxmox has it, as far as the template goes. */
const handlebars = (template: string, values: Record<string, unknown>): string =>
  template.replaceAll(/\{\{ (json )?([\w.]+) \}\}/g, (_all, json: string | undefined, path: string) => {
    const value = path
      .split('.')
      .reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], values);
    return json ? JSON.stringify(value) : String(value);
  });

/** Go's text/template, as far as the template goes. */
function goTemplate(
  template: string,
  values: Record<string, string>,
  snapshots: Record<string, string>[],
): string {
  const fill = (text: string, known: Record<string, string>): string =>
    text.replaceAll(
      /\{\{ (printf "%q" )?\(?([$.\w]+)(?: "[^"]+"\))? \}\}/g,
      (_all, quoted: string | undefined, path: string) => {
        const value = known[path];
        if (value === undefined) throw new Error(`The template asks for ${path}`);
        return quoted ? JSON.stringify(value) : value;
      },
    );
  const ranged = template.replace(
    /\{\{ range [^}]+\}\}\{\{ if \$i \}\},\{\{ end \}\}(.*)\{\{ end \}\}/s,
    (_all, body: string) => snapshots.map((snapshot) => fill(body, snapshot)).join(','),
  );
  return fill(ranged, values);
}

describe('what is pasted into an agent', () => {
  it.each(['proxmox-ve', 'proxmox-bs'] as const)(
    '%s: its body template sends what the adapter reads',
    (agent) => {
      const sent = notification(
        'vzdump',
        'info',
        'vzdump backup status (node7): backup successful',
        vzdumpMessage([OK_GUEST]),
        { 'job-id': 'backup-9' },
      );
      const { result } = adapt(agent, handlebars(textOf(agent, /body template/), sent));
      expect(result.identity.hostName).toBe('node7');
      expect(result.job.nativeJobId).toBe('backup-9');
      expect([result.outcome.status, result.timing.endedAt]).toEqual([
        'success',
        new Date(1795226400_000).toISOString(),
      ]);
    },
  );

  it('kopia: its template sends what the adapter reads', () => {
    const snapshot = {
      '$s.Manifest.ID': 'k1',
      '$s.Manifest.Source.Host': 'globex-pc',
      '$s.Manifest.Source.UserName': 'ann',
      '$s.Manifest.Source.Path': 'C:\\Users\\"ann"',
      '$s.StatusCode': 'fatal',
      '$s.StartTimestamp.Format': '2026-11-21T03:00:00Z',
      '$s.EndTimestamp.Format': '2026-11-21T03:01:30Z',
      '$s.TotalSize': '40960',
      '$s.TotalFiles': '12',
      '$s.TotalDirs': '3',
      '$s.TotalSizeDelta': '-5',
      '$s.Manifest.Stats.ErrorCount': '2',
      '$s.Manifest.Stats.IgnoredErrorCount': '0',
      '$s.Manifest.IncompleteReason': '',
      '$s.Error': 'disk gone',
    };
    const values = {
      '.EventArgs.OverallStatus': 'Failed',
      '.EventArgs.OverallStatusCode': 'fatal',
      '.Hostname': 'globex-pc',
      '.KopiaBuildVersion': 'v0.21.5',
      '.EventTime.UTC.Format': '2026-11-21T03:01:31Z',
    };
    const rendered = goTemplate(textOf('kopia', /JSON template/), values, [
      snapshot,
      { ...snapshot, '$s.StatusCode': 'success', '$s.Error': '' },
    ]);
    const { result, agentVersion } = adapt('kopia', rendered.slice(rendered.indexOf('\n\n') + 2));
    expect(agentVersion).toBe('v0.21.5');
    expect(result.outcome.status).toBe('failed');
    expect(result.children.map(({ outcome }) => outcome.status)).toEqual(['failed', 'success']);
    expect(result.children[0]).toMatchObject({
      job: { sourcePaths: ['C:\\Users\\"ann"'] },
      timing: { startedAt: '2026-11-21T03:00:00.000Z', endedAt: '2026-11-21T03:01:30.000Z' },
      counts: { filesExamined: 12, filesFailed: 2 },
      outcome: { message: 'disk gone' },
    });
  });

  it('names the address of its agent, and a test that stores nothing', () => {
    for (const agent of ENDPOINT_AGENTS) {
      const texts = snippetsFor(agent, URL).map(({ text }) => text);
      expect(texts.some((text) => text.includes(`${URL}/ingest/${agent}/YOUR_KEY`))).toBe(true);
    }
  });
});
