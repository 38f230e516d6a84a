import { UnreadableReport } from '../adapters/adapter.js';
import { pingReport } from '../adapters/generic/ping.js';
import { adapterFor } from '../adapters/registry.js';
import type { NativeAdapters, NativeBody, Understood } from './native-adapters.js';

/** Zone of an account that has not said another; times without zone are read in it. */
const DEFAULT_ZONE = 'UTC';

/** The adapters of the registry, as the agent surface needs them. */
export const registeredAdapters: NativeAdapters = {
  split(report) {
    try {
      return (
        adapterFor(report.agent)
          .parts?.(nativeReportOf(report))
          .map(({ body }) => body) ?? [report.body]
      );
    } catch (error) {
      if (error instanceof UnreadableReport) return [report.body];
      throw error;
    }
  },
  understand(report) {
    const adapter = adapterFor(report.agent);
    try {
      const { result, nativeKey, agentVersion, warnings } = adapter.adapt(nativeReportOf(report));
      const { name, version } = adapter;
      return understoodAs(name, version, { result, agentVersion, runKey: nativeKey, flags: warnings });
    } catch (error) {
      if (error instanceof UnreadableReport) return null;
      throw error;
    }
  },
  ping({ signal, body, receivedAt }) {
    const suffix =
      signal !== null && /^\d+$/.test(signal) ? Number(signal) : (signal as 'start' | 'fail' | 'log' | null);
    const { result, agentVersion, warnings } = pingReport({
      suffix,
      body: body.toString('utf8'),
      receivedAt,
    });
    return understoodAs('ping', '1', { result, agentVersion, runKey: null, flags: warnings });
  },
};

function understoodAs(
  adapter: string,
  adapterVersion: string,
  rest: Omit<Understood, 'adapter' | 'adapterVersion'>,
): Understood {
  return { ...rest, adapter, adapterVersion };
}

function nativeReportOf({ agent, body, contentType, headers, receivedAt }: NativeBody) {
  const single: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined && !isCredential(name))
      single[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return {
    agent,
    contentType,
    headers: single,
    body,
    text: body.toString('utf8'),
    receivedAt,
    zone: DEFAULT_ZONE,
  };
}

/** What proves who sends must not end up in what is stored. */
function isCredential(name: string): boolean {
  return name === 'authorization' || name === 'x-api-key' || name === 'cookie';
}
