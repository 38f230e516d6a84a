import type { Scope } from '@backhaul/domain';
import { isPoison, type Replayer } from '@backhaul/messaging';
import type { AuditTrail } from '../audit/audit-trail.js';
import { publishAll } from '../outbox/publish.js';
import { asServiceItself, currentCaller } from '../tenancy/tenant-context.js';
import type { Tx, UnitOfWork } from '../unit-of-work.js';
import { observe, rehearse, type WatchedMessage } from '../watching.js';
import type { DeadLetterRepository, KeptLetter, Letter } from './dead-letter.repository.js';
import { harmless } from './letter-facts.js';
import { isUnsent, sendable } from './unsent-letters.js';

/** What became of one letter, or would. */
export interface LetterDone {
  id: string;
  result: 'replayed' | 'would_replay' | 'refused' | 'discarded' | 'busy';
  text: string;
  /** Topics and keys of what it led to, or would. */
  messages: WatchedMessage[];
}

export interface LettersDone {
  items: LetterDone[];
  /** Letters of the group that this request did not reach. */
  remaining: number;
}

export interface DeskOptions {
  unitOfWork: UnitOfWork;
  letters: DeadLetterRepository;
  replayer: Replayer;
  audit: AuditTrail;
  /** Takes what is secret out of an error. */
  scrub: (text: string) => string;
}

/** So many at once; whoever wants more asks again, and sees what came of the first. */
const AT_ONCE = 100;

/** What people do about letters: look, rehearse, replay, discard. Everything done is audited. */
export class DeadLetterDesk {
  constructor(private readonly options: DeskOptions) {}

  groups(...args: Parameters<DeadLetterRepository['groups']>) {
    return this.options.letters.groups(...args);
  }

  async find(scope: Scope, id: string): Promise<Letter | null> {
    const found = await this.options.letters.find(scope, id);
    if (!found) return null;
    const { record: _record, owner: _owner, ...letter } = found;
    return letter;
  }

  /** The letter, or all of its group; null where there is none. */
  replay(
    scope: Scope,
    id: string,
    how: { isGroup: boolean; isDryRun: boolean },
  ): Promise<LettersDone | null> {
    return this.each(scope, id, how.isGroup, (letter) =>
      how.isDryRun ? this.rehearse(letter) : this.replayOne(letter),
    );
  }

  discard(scope: Scope, id: string, how: { isGroup: boolean; reason: string }): Promise<LettersDone | null> {
    return this.each(scope, id, how.isGroup, (letter) => this.discardOne(letter, how.reason));
  }

  private async each(
    scope: Scope,
    id: string,
    isGroup: boolean,
    act: (letter: KeptLetter) => Promise<LetterDone>,
  ): Promise<LettersDone | null> {
    const { letters } = this.options;
    const one = await letters.find(scope, id);
    if (!one) return null;
    if (!isGroup) return { items: [await act(one)], remaining: 0 };
    const { ids, more } = await letters.ofGroup(scope, one.groupId, AT_ONCE);
    const items: LetterDone[] = [];
    // One after the other, in the order in which they came.
    for (const each of ids) {
      const letter = await letters.find(scope, each);
      if (letter) items.push(await act(letter));
    }
    return { items, remaining: more };
  }

  private async rehearse(letter: KeptLetter): Promise<LetterDone> {
    const { id } = letter;
    const done = (
      result: LetterDone['result'],
      text: string,
      messages: WatchedMessage[] = [],
    ): LetterDone => ({
      ...{ id, result, messages },
      text: `${text}${orderOf(letter)}`,
    });
    if (!isOpen(letter)) return done('busy', `It is ${letter.state} already.`);
    if (letter.class === 'killer')
      return done(
        'would_replay',
        'It ended the process each time it was tried, so it is not tried for a rehearsal.',
      );
    try {
      if (isUnsent(letter)) {
        const { topic, key } = await sendable(this.options.unitOfWork, letter);
        return done('would_replay', `It would be sent to ${topic} once more.`, [{ topic, key }]);
      }
      const messages = await rehearse(() => this.handle(letter));
      return done('would_replay', effectOf(messages, 'would'), messages);
    } catch (error) {
      if (!isPoison(error)) throw error;
      return done('refused', `It would be refused still: ${this.said(error)}`);
    }
  }

  private async replayOne(letter: KeptLetter): Promise<LetterDone> {
    const { letters } = this.options;
    const { id } = letter;
    if (!(await letters.claim(id))) return busy(letter);
    try {
      if (isUnsent(letter)) return await this.sendOne(letter);
      const messages = await observe(() => this.handle(letter));
      const text = `${effectOf(messages, 'has')}${orderOf(letter)}`;
      await this.end(letter, { state: 'replayed', note: null });
      return { id, result: 'replayed', text, messages };
    } catch (error) {
      const isRefused = isPoison(error);
      await letters.release(id, isRefused ? this.said(error) : null);
      if (!isRefused) throw error;
      return { id, result: 'refused', text: `It is refused still: ${this.said(error)}`, messages: [] };
    }
  }

  /** In one transaction: whoever refuses it again finds a letter that is dealt with, and has it wait again. */
  private async sendOne(letter: KeptLetter): Promise<LetterDone> {
    const { id, topic, record } = letter;
    const send = async (tx: Tx): Promise<void> => publishAll(tx, [await sendable(tx, letter)]);
    await this.end(letter, { state: 'replayed', note: null }, send);
    const text = `It is on its way to ${topic} once more.${orderOf(letter)}`;
    return { id, result: 'replayed', text, messages: [{ topic, key: String(record.key) }] };
  }

  private async discardOne(letter: KeptLetter, reason: string): Promise<LetterDone> {
    if (letter.state !== 'waiting') return busy(letter);
    const isDone = await this.end(letter, { state: 'discarded', note: reason });
    if (!isDone) return busy(letter);
    return { id: letter.id, result: 'discarded', text: 'It is discarded; its bytes are kept.', messages: [] };
  }

  /** As a consumer does it: across partners, as rules and inboxes are not the caller's own. */
  private handle({ record, isOvertaken }: KeptLetter): Promise<void> {
    return asServiceItself(() => this.options.replayer.replay(record, { isOvertaken }));
  }

  private end(
    letter: KeptLetter,
    to: { state: 'replayed' | 'discarded'; note: string | null },
    act: (tx: Tx) => Promise<void> = async () => undefined,
  ): Promise<boolean> {
    const { unitOfWork, letters, audit } = this.options;
    const { id, topic, class: reason, owner } = letter;
    const from = to.state === 'replayed' ? 'replaying' : 'waiting';
    const by = currentCaller()?.subject ?? 'system';
    return unitOfWork.run(async (tx) => {
      if (!(await letters.resolve(tx, id, from, { ...to, by }))) return false;
      await act(tx);
      await audit.record(tx, owner, {
        action: `dead-letter.${to.state === 'replayed' ? 'replay' : 'discard'}`,
        target: { kind: 'dead-letter', id },
        detail: { topic, class: reason, ...(to.note !== null && { reason: to.note }) },
      });
      return true;
    });
  }

  private said(error: unknown): string {
    return harmless(this.options.scrub(error instanceof Error ? error.message : String(error)), 300);
  }
}

const isOpen = ({ state }: Letter): boolean => state === 'waiting' || state === 'replaying';

const busy = ({ id, state }: Letter): LetterDone => ({
  id,
  result: 'busy',
  text: state === 'waiting' || state === 'replaying' ? 'Somebody is at it.' : `It is ${state} already.`,
  messages: [],
});

function effectOf(messages: readonly WatchedMessage[], tense: 'would' | 'has'): string {
  const topics = [...new Set(messages.map(({ topic }) => topic))].join(', ');
  if (topics === '')
    return tense === 'would'
      ? 'It would be handled, and nothing would follow: it has no effect, or had it already.'
      : 'It was handled, and nothing followed: it has no effect, or had it already.';
  return tense === 'would'
    ? `It would be handled and lead to ${topics}.`
    : `It was handled and led to ${topics}.`;
}

function orderOf({ isOvertaken, olderWaiting }: Letter): string {
  const overtaken = isOvertaken
    ? ' Something newer about the same thing was handled since, so it counts as late and undoes nothing.'
    : '';
  const older =
    olderWaiting > 0 ? ` ${olderWaiting} older about the same thing wait: this one overtakes them.` : '';
  return overtaken + older;
}
