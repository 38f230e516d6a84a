import type { EventLogClient } from '../previews/event-log.client.js';

/** For suites in which nobody looks at the log. */
export const NO_LOG: Pick<EventLogClient, 'page'> = {
  page: async () => ({ items: [], nextCursor: null }),
};
