import type { EventLogClient } from '../previews/event-log.client.js';

/** For suites in which nobody asks who has set up a PSA. */
export const NO_LINKS = { isReady: false, keys: () => [], get: () => undefined };

/** For suites in which nobody looks at the log. */
export const NO_LOG: Pick<EventLogClient, 'page'> = {
  page: async () => ({ items: [], nextCursor: null }),
};
