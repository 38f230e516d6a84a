import { PsaError } from '../psa-error.js';
import type { TicketingOptions } from '../ticket-port.js';
import type { AutotaskPicklists } from './autotask.picklists.js';
import type { PicklistValue } from './autotask.types.js';

/** What an absent setting stands for, by its label (D25, D27, D28). */
export const DEFAULT_NAMES = {
  queue: 'Managed Services Alerts',
  priority: 'Medium',
  newStatus: 'New',
  completeStatus: 'Complete',
} as const;

/** The partner's choices, else the defaults by name (D25, D27-D29). Every method throws PsaError. */
export class AutotaskChoices {
  constructor(
    private readonly settings: TicketingOptions,
    private readonly picklists: AutotaskPicklists,
  ) {}

  /** `queueId: null` is Do Not Map: the partner wants no tickets (D26). */
  async queue(signal: AbortSignal): Promise<number> {
    if (this.settings.queueId === null) throw new PsaError({ outcome: 'definitive', reason: 'do_not_map' });
    return this.settings.queueId ?? this.picklists.idOf('Tickets', 'queueID', DEFAULT_NAMES.queue, signal);
  }

  /** One that the PSA no longer has is replaced by the PSA's own default (D27). */
  async priority(signal: AbortSignal): Promise<number> {
    const { priorityId } = this.settings;
    const choices = await this.picklists.choices('Tickets', 'priority', signal);
    if (priorityId === undefined)
      return this.picklists.idOf('Tickets', 'priority', DEFAULT_NAMES.priority, signal);
    return choices.some(({ value }) => Number(value) === priorityId) ? priorityId : preferred(choices);
  }

  async newStatus(signal: AbortSignal): Promise<number> {
    return (
      this.settings.newStatusId ?? this.picklists.idOf('Tickets', 'status', DEFAULT_NAMES.newStatus, signal)
    );
  }

  async completeStatus(signal: AbortSignal): Promise<number> {
    return (
      this.settings.completeStatusId ??
      this.picklists.idOf('Tickets', 'status', DEFAULT_NAMES.completeStatus, signal)
    );
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

/** The PSA's default, else the usual one. */
function preferred(choices: PicklistValue[]): number {
  const own = choices.find(({ isDefaultValue }) => isDefaultValue === true);
  return own ? Number(own.value) : best(choices, /^medium$/i);
}

function best(choices: PicklistValue[], label: RegExp): number {
  const found =
    choices.find((choice) => label.test(choice.label)) ??
    choices.find((choice) => choice.isDefaultValue === true) ??
    choices[0];
  if (found === undefined) throw new PsaError({ outcome: 'definitive', reason: 'setting_missing' });
  return Number(found.value);
}
