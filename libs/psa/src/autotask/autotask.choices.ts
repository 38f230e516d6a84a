import { PsaError } from '../psa-error.js';
import type { TicketingOptions } from '../ticket-port.js';
import type { AutotaskPicklists } from './autotask.picklists.js';
import type { PicklistValue } from './autotask.types.js';

const DEFAULT_QUEUE = 'Managed Services Alerts';
const DEFAULT_PRIORITY = 'Medium';

/** The partner's choices, else the defaults by name (D25, D27-D29). Every method throws PsaError. */
export class AutotaskChoices {
  constructor(
    private readonly settings: TicketingOptions,
    private readonly picklists: AutotaskPicklists,
  ) {}

  /** `queueId: null` is Do Not Map: the partner wants no tickets (D26). */
  async queue(signal: AbortSignal): Promise<number> {
    if (this.settings.queueId === null) throw new PsaError({ outcome: 'definitive', reason: 'do_not_map' });
    return this.settings.queueId ?? this.picklists.idOf('Tickets', 'queueID', DEFAULT_QUEUE, signal);
  }

  async priority(signal: AbortSignal): Promise<number> {
    return this.settings.priorityId ?? this.picklists.idOf('Tickets', 'priority', DEFAULT_PRIORITY, signal);
  }

  async newStatus(signal: AbortSignal): Promise<number> {
    return this.settings.newStatusId ?? this.picklists.idOf('Tickets', 'status', 'New', signal);
  }

  async completeStatus(signal: AbortSignal): Promise<number> {
    return this.settings.completeStatusId ?? this.picklists.idOf('Tickets', 'status', 'Complete', signal);
  }

  /** Every status that means "done": the partner's and the vendor's own. */
  async completeStatuses(signal: AbortSignal): Promise<Set<number>> {
    const choices = await this.picklists.choices('Tickets', 'status', signal);
    const own = choices
      .filter(({ label }) => label.trim().toLowerCase() === 'complete')
      .map(({ value }) => Number(value));
    const chosen = this.settings.completeStatusId;
    return new Set(chosen === undefined ? own : [...own, chosen]);
  }

  /** A plain note, seen by the partner's own people only: machine chatter is not for customers. */
  async note(signal: AbortSignal): Promise<{ noteType: number; publish: number }> {
    const types = await this.picklists.choices('TicketNotes', 'noteType', signal);
    const publish = await this.picklists.choices('TicketNotes', 'publish', signal);
    return { noteType: best(types, /note/i), publish: best(publish, /internal/i) };
  }
}

function best(choices: PicklistValue[], label: RegExp): number {
  const found =
    choices.find((choice) => label.test(choice.label)) ??
    choices.find((choice) => choice.isDefaultValue === true) ??
    choices[0];
  if (found === undefined) throw new PsaError({ outcome: 'definitive', reason: 'setting_missing' });
  return Number(found.value);
}
