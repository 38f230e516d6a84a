import { PsaError } from '../psa-error.js';
import type {
  Choice,
  Contract,
  Diagnosis,
  Finding,
  Lookup,
  LookupOf,
  SettingsCheck,
  SetupPort,
} from '../setup-port.js';
import { chosen, named, problemOf, statusProblems, withIds } from '../setup-rules.js';
import type { TicketingOptions, TicketPortOptions } from '../ticket-port.js';
import { DEFAULT_NAMES } from './autotask.choices.js';
import { AutotaskClient } from './autotask.client.js';
import { autotaskDiagnosis } from './autotask.diagnosis.js';
import { everyRow, rowsOfIds } from './autotask.lists.js';
import { AutotaskPicklists } from './autotask.picklists.js';
import type { CompanyRecord, ContractRecord, FilterItem, ServiceRecord } from './autotask.types.js';

const EVERYTHING: FilterItem[] = [{ op: 'exist', field: 'id' }];
const FIELDS = { queues: 'queueID', statuses: 'status', priorities: 'priority' } as const;
/** The vendor's own words; the id differs by tenant, so it is read from the picklist. */
const RECURRING = /recurring service/i;
const CUSTOMER = /^customer$/i;

export function createAutotaskSetup(options: TicketPortOptions): SetupPort {
  return new AutotaskSetup(options);
}

/** What a partner of Autotask chooses from. */
export class AutotaskSetup implements SetupPort {
  readonly lookups = ['queues', 'statuses', 'priorities', 'services', 'companies', 'contracts'] as const;
  readonly client: AutotaskClient;
  private readonly picklists: AutotaskPicklists;

  constructor(options: TicketPortOptions) {
    this.client = new AutotaskClient(options);
    this.picklists = new AutotaskPicklists(this.client);
  }

  async list(what: Lookup, of: LookupOf, signal: AbortSignal): Promise<Choice[]> {
    switch (what) {
      case 'queues':
      case 'statuses':
      case 'priorities':
        return this.picklist(what, signal);
      case 'services':
        return (await everyRow<ServiceRecord>(this.client, 'Services', EVERYTHING, signal)).map(
          ({ id, name, isActive }) => choiceOf(id, name, isActive),
        );
      case 'companies':
        return this.companiesOf(await everyRow(this.client, 'Companies', EVERYTHING, signal), signal);
      case 'contracts': {
        const ofCompany: FilterItem = { op: 'eq', field: 'companyID', value: Number(of.companyId ?? 0) };
        return this.contractsOf(await everyRow(this.client, 'Contracts', [ofCompany], signal), signal);
      }
      case 'boards':
        throw new PsaError({ outcome: 'definitive', reason: 'rejected' });
    }
  }

  async companies(ids: readonly string[], signal: AbortSignal): Promise<Choice[]> {
    return this.companiesOf(await rowsOfIds(this.client, 'Companies', ids, signal), signal);
  }

  async contracts(ids: readonly string[], signal: AbortSignal): Promise<Contract[]> {
    return this.contractsOf(await rowsOfIds(this.client, 'Contracts', ids, signal), signal);
  }

  async checkSettings(ticketing: TicketingOptions, signal: AbortSignal): Promise<SettingsCheck> {
    const { queueId, newStatusId, completeStatusId, priorityId } = ticketing;
    const queues = await this.picklist('queues', signal);
    const statuses = await this.picklist('statuses', signal);
    const priorities = await this.picklist('priorities', signal);
    const queue = chosen(queues, queueId ?? undefined, named(DEFAULT_NAMES.queue));
    const opening = chosen(statuses, newStatusId, named(DEFAULT_NAMES.newStatus));
    const closing = chosen(statuses, completeStatusId, named(DEFAULT_NAMES.completeStatus));
    const priority = chosen(priorities, priorityId, named(DEFAULT_NAMES.priority));
    const problems = [
      // Do Not Map is a choice (D26).
      ...(queueId === null ? [] : problemOf('queueId', queueId, queue, DEFAULT_NAMES.queue)),
      ...problemOf('newStatusId', newStatusId, opening, DEFAULT_NAMES.newStatus),
      ...problemOf('completeStatusId', completeStatusId, closing, DEFAULT_NAMES.completeStatus),
      ...problemOf('priorityId', priorityId, priority, DEFAULT_NAMES.priority),
      ...statusProblems(opening, closing),
    ];
    const found = { newStatusId: opening, completeStatusId: closing, priorityId: priority };
    return {
      problems,
      resolved: withIds(ticketing, queueId === null ? found : { ...found, queueId: queue }),
    };
  }

  /** Nothing of Autotask names our customers. */
  async linkFindings(): Promise<Finding[]> {
    return [];
  }

  diagnose(ticketing: TicketingOptions): Diagnosis[] {
    return autotaskDiagnosis(this, ticketing);
  }

  private async picklist(what: keyof typeof FIELDS, signal: AbortSignal): Promise<Choice[]> {
    const names: readonly string[] = DEFAULTS[what];
    const values = await this.picklists.values('Tickets', FIELDS[what], signal);
    return values.map(({ value, label, isActive }) => {
      const choice = choiceOf(value, label, isActive);
      return { ...choice, isDefault: names.includes(label.trim().toLowerCase()) };
    });
  }

  private async companiesOf(rows: CompanyRecord[], signal: AbortSignal): Promise<Choice[]> {
    const types = await this.picklists.values('Companies', 'companyType', signal);
    const customer = types.find(({ label }) => CUSTOMER.test(label.trim()))?.value ?? '1';
    return rows.map(({ id, companyName, isActive, companyType }) => ({
      ...choiceOf(id, companyName, isActive),
      ...(String(companyType) !== customer && { problem: 'company_type' as const }),
    }));
  }

  private async contractsOf(rows: ContractRecord[], signal: AbortSignal): Promise<Contract[]> {
    const types = await this.picklists.values('Contracts', 'contractType', signal);
    const recurring = types.find(({ label }) => RECURRING.test(label))?.value ?? '7';
    return rows.map(({ id, contractName, companyID, contractType, status }) => ({
      ...choiceOf(id, contractName, status === 1),
      companyId: String(companyID ?? ''),
      ...(String(contractType) !== recurring && { problem: 'contract_type' as const }),
    }));
  }
}

const DEFAULTS = {
  queues: [DEFAULT_NAMES.queue.toLowerCase()],
  statuses: [DEFAULT_NAMES.newStatus.toLowerCase(), DEFAULT_NAMES.completeStatus.toLowerCase()],
  priorities: [DEFAULT_NAMES.priority.toLowerCase()],
};

const choiceOf = (id: number | string, name: string | undefined, isActive: boolean | undefined): Choice => ({
  id: String(id),
  name: name ?? '',
  isDefault: false,
  isActive: isActive !== false,
});
