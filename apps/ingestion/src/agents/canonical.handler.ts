import type { AccountNo, Clock } from '@backhaul/domain';
import { Problem, type ProblemError } from '@backhaul/http';
import { traceparent } from '@backhaul/telemetry';
import { type AccountDirectory, type Binding, scopeOf } from '../accounts/account-directory.js';
import type { Draft } from '../intake/event-draft.js';
import type { Stored } from '../intake/event.writer.js';
import type { Intake } from '../intake/intake.js';
import type { Sender } from './agent-access.js';
import { problemFor } from './agent-answers.js';
import { type CanonicalInput, readCanonical } from './canonical-input.js';

export interface Receipt {
  eventId: string;
  status: 'accepted' | 'duplicate';
}

export type ItemReceipt =
  | ({ index: number } & Receipt)
  | { index: number; status: 'rejected'; eventId?: string; problem: ReturnType<Problem['body']> };

/** Canonical events of programs: each is checked, stored in the common queue, and answered for. */
export class CanonicalHandler {
  constructor(
    private readonly intake: Intake,
    private readonly directory: AccountDirectory,
    private readonly clock: Clock,
  ) {}

  /** @param raw the bytes that the item is, to be kept. @throws Problem 400 or 422, OverloadedError */
  async handleOne(value: unknown, raw: Buffer, sender: Sender): Promise<Receipt> {
    const receivedAtMs = this.clock.now().getTime();
    const checked = readCanonical(value, receivedAtMs);
    if ('errors' in checked) throw refused(checked.errors, checked.isRule);
    const { input } = checked;
    const binding = await this.bindingOf(input, sender);
    const stored = await this.intake.store(draftOf(input, raw, sender, receivedAtMs), binding);
    return receiptOf(stored);
  }

  /** Every good item is stored, whatever the others are. @throws OverloadedError when nothing could be stored */
  async handleMany(values: readonly unknown[], sender: Sender): Promise<ItemReceipt[]> {
    const settled = await Promise.allSettled(
      values.map((value) => this.handleOne(value, Buffer.from(JSON.stringify(value)), sender)),
    );
    const receipts = settled.map((one, index): ItemReceipt => {
      if (one.status === 'fulfilled') return { index, ...one.value };
      return { index, status: 'rejected', problem: problemFor(one.reason).body() };
    });
    const isOutage = settled.every(
      (one) => one.status === 'rejected' && problemFor(one.reason).status >= 500,
    );
    if (isOutage && settled[0]?.status === 'rejected') throw settled[0].reason;
    return receipts;
  }

  /** An endpoint bound to an account speaks for that account only; any other sender names one, or describes it. */
  private async bindingOf({ accountNo }: CanonicalInput, { binding }: Sender): Promise<Binding> {
    if (accountNo === null || binding.accountNo === accountNo) return binding;
    if (binding.accountNo !== null) throw wrongAccount('The key is bound to another account.');
    const named = { ...binding, accountNo: accountNo as AccountNo };
    const tenant = await this.directory.resolve(named, { hostName: null, nativeDeviceId: null });
    const isOfCustomer = binding.custId === null || tenant.customerId === binding.custId;
    if (!isOfCustomer || !(await this.directory.isAccountSeen(scopeOf(binding), named.accountNo)))
      throw wrongAccount('There is no such account.');
    return named;
  }
}

function wrongAccount(detail: string): Problem {
  return refused([{ pointer: '/accountNo', detail, rule: 'exists' }], true);
}

function refused(errors: ProblemError[], isRule: boolean): Problem {
  return isRule
    ? Problem.unprocessable('The event is refused by a rule.', errors)
    : Problem.badRequest(errors);
}

function receiptOf({ outcome, eventId }: Stored): Receipt {
  if (outcome === 'conflict')
    throw Problem.unprocessable('This idempotencyKey was used with another body.', [
      { pointer: '/idempotencyKey', detail: 'names another event', rule: 'unique' },
    ]);
  return { eventId, status: outcome };
}

function draftOf(
  input: CanonicalInput,
  raw: Buffer,
  { endpoint, binding }: Sender,
  receivedAtMs: number,
): Draft {
  const { result, agent, agentVersion, idempotencyKey } = input;
  return {
    result,
    agent,
    agentVersion,
    adapter: 'canonical',
    adapterVersion: '1',
    transport: 'push',
    flags: [],
    runKey: idempotencyKey ?? result.job.nativeRunId,
    runScope: endpoint?.id ?? binding.partnerId,
    endpointId: endpoint?.id ?? null,
    contentType: 'application/json',
    raw,
    receivedAtMs,
    traceparent: traceparent(),
  };
}
