import { EgressBlocked, type createEgressDispatcher } from '@backhaul/psa/egress';
import { request } from 'undici';
import { oneLine } from '../mail/plain-text.js';

/** `again`: later; `gone`: the receiver wants no more of this rule; `refused`: nobody will ever call that address. */
export type CallVerdict = 'delivered' | 'again' | 'gone' | 'refused';

export interface CallResult {
  verdict: CallVerdict;
  /** What the partner reads, such as `answered 500`. */
  reason: string | null;
  status: number | null;
  /** The beginning of the answer, made harmless. */
  answer: string | null;
}

const MOST_BYTES = 2048;
const SHOWN = 500;

function verdictOf(status: number): CallVerdict {
  if (status >= 200 && status < 300) return 'delivered';
  return status === 410 ? 'gone' : 'again';
}

/** Calls receivers: one request, no redirect, a bounded time, and of the answer no more than its beginning. */
export class WebhookSender {
  constructor(
    private readonly dispatcher: ReturnType<typeof createEgressDispatcher>,
    private readonly timeoutMs: number,
  ) {}

  async call(url: string, headers: Record<string, string>, body: string): Promise<CallResult> {
    const signal = AbortSignal.timeout(this.timeoutMs);
    try {
      const answer = await request(url, {
        dispatcher: this.dispatcher,
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json', 'user-agent': 'Backhaul-Webhooks/1' },
        body,
        signal,
      });
      const verdict = verdictOf(answer.statusCode);
      const reason = verdict === 'delivered' ? null : `answered ${answer.statusCode}`;
      return { verdict, reason, status: answer.statusCode, answer: await beginningOf(answer.body) };
    } catch (error) {
      return {
        verdict: isBlocked(error) ? 'refused' : 'again',
        reason: wordsOf(error),
        status: null,
        answer: null,
      };
    }
  }
}

/** What was received counts, although the rest of the answer breaks off. */
async function beginningOf(body: AsyncIterable<Buffer> & { destroy(): unknown }): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= MOST_BYTES) break;
    }
  } catch {
    // The status has been said already.
  }
  body.destroy();
  const text = oneLine(Buffer.concat(chunks).subarray(0, MOST_BYTES).toString(), SHOWN);
  return text === '' ? null : text;
}

const isBlocked = (error: unknown): boolean =>
  error instanceof EgressBlocked || (error instanceof Error && error.cause instanceof EgressBlocked);

/** One text for every failure of the network: which it was would tell of networks that are not the caller's. */
function wordsOf(error: unknown): string {
  if (isBlocked(error)) return 'the address may not be called';
  return error instanceof Error && error.name === 'TimeoutError' ? 'took too long' : 'could not be reached';
}
