import { PsaError } from '../psa-error.js';
import type { Diagnosis, Finding } from '../setup-port.js';
import type { TicketingOptions } from '../ticket-port.js';
import type { AutotaskSetup } from './autotask.setup.js';

/** Rights that tickets need of an API user, by entity. */
const RIGHTS: Record<string, readonly string[]> = {
  Tickets: ['canQuery', 'canCreate', 'canUpdate'],
  TicketNotes: ['canQuery', 'canCreate'],
  Companies: ['canQuery'],
};

/** The steps of the setup guide that the PSA itself can be asked about. Creating is asked for, never done. */
export function autotaskDiagnosis(setup: AutotaskSetup, ticketing: TicketingOptions): Diagnosis[] {
  const { client } = setup;
  const settings = async (fields: readonly string[], signal: AbortSignal): Promise<Finding[]> => {
    const { problems } = await setup.checkSettings(ticketing, signal);
    return problems
      .filter(({ field }) => fields.includes(field))
      .map(({ rule, detail }) => ({ level: 'error', reason: rule, message: detail }));
  };
  const rights = async (entity: string, signal: AbortSignal): Promise<Finding[]> => {
    const answer = await client.get(`/${entity}/entityInformation`, signal);
    const info = (answer as { info?: Record<string, unknown> } | null)?.info;
    if (!info) throw new PsaError({ outcome: 'unknown', reason: 'unreadable_answer' });
    return (RIGHTS[entity] ?? [])
      .filter((right) => info[right] !== true)
      .map((right) => ({
        level: 'error',
        reason: 'forbidden',
        message: `The API user lacks ${right} on ${entity}. Its security level must be API User (System).`,
      }));
  };
  const step = (name: string, run: Diagnosis['run'], isGate = false): Diagnosis => ({
    name,
    guideStep: null,
    isGate,
    run,
  });
  return [
    step('reach', async (signal) => (await client.findZone(signal), []), true),
    step('login', async (signal) => (await client.get('/ThresholdInformation', signal), []), true),
    step('requests', async (signal) => usageFindings(await client.get('/ThresholdInformation', signal))),
    step('tickets', (signal) => rights('Tickets', signal)),
    step('notes', (signal) => rights('TicketNotes', signal)),
    step('companies', (signal) => rights('Companies', signal)),
    step('queue', async (signal) =>
      ticketing.queueId === null
        ? [
            {
              level: 'warning',
              reason: 'do_not_map',
              message: 'The queue is set to Do Not Map: no tickets are opened.',
            },
          ]
        : settings(['queueId'], signal),
    ),
    step('statuses', (signal) => settings(['newStatusId', 'completeStatusId'], signal)),
    step('priority', (signal) => settings(['priorityId'], signal)),
  ];
}

/** The hourly budget is shared with every other integration of the database: at its end Autotask answers nobody. */
function usageFindings(answer: unknown): Finding[] {
  const { externalRequestThreshold: most, currentTimeframeRequestCount: used } = (answer ?? {}) as Record<
    string,
    unknown
  >;
  if (typeof most !== 'number' || typeof used !== 'number' || used < most * 0.75) return [];
  const message = `${used} of ${most} requests of this hour are used, by all integrations of the database together.`;
  return [{ level: 'warning', reason: 'requests_used_up', message }];
}
