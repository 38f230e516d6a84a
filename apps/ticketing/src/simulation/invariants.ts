import type { SimulatedPsa } from './simulated-psa.js';
import type { World } from './world.js';

/** What must be true once everything has come to rest; empty when it is. */
export function violationsOf(world: World, tickets: SimulatedPsa['tickets']): string[] {
  return [...doubles(tickets), ...wrongImages(world, tickets), ...unanswered(world), ...stuck(world)];
}

function doubles(tickets: SimulatedPsa['tickets']): string[] {
  const markers = tickets.map(({ marker }) => marker);
  return markers
    .filter((marker, index) => markers.indexOf(marker) !== index)
    .map((m) => `two tickets with ${m}`);
}

/** Each problem's ticket is open as long as the problem is, and no other of its tickets is. */
function wrongImages(world: World, tickets: SimulatedPsa['tickets']): string[] {
  const wrong: string[] = [];
  const places = new Set(world.incidents.map(({ account, key }) => `${account}|${key}`));
  for (const place of places) {
    const incidents = world.incidents.filter(({ account, key }) => `${account}|${key}` === place);
    const open = incidents.filter(({ state }) => state === 'open');
    if (open.length > 1) wrong.push(`${place}: ${open.length} open incidents`);
    const markers = new Set(incidents.map(({ marker }) => marker));
    const standing = tickets.filter((t) => markers.has(t.marker ?? '') && !t.isClosed && !t.isDeleted);
    if (standing.length !== open.length) wrong.push(`${place}: ${open.length} open incidents, ${standing.length} open tickets`); // prettier-ignore
    if (open[0] && standing[0] && open[0].ticketId !== standing[0].id)
      wrong.push(`${place}: linked to another ticket`);
  }
  return wrong;
}

function unanswered(world: World): string[] {
  return [...world.inbox].filter((id) => !world.told.has(id)).map((id) => `request ${id} was never answered`);
}

function stuck(world: World): string[] {
  const lanes = [...world.lanes].filter(([, { state }]) => state !== 'idle');
  const commands = world.commands.filter(({ status }) => ['planned', 'sending', 'unknown'].includes(status));
  return [
    ...lanes.map(([account, { state }]) => `lane ${account} is ${state}`),
    ...commands.map(({ commandId, status }) => `command ${commandId} is ${status}`),
  ];
}
