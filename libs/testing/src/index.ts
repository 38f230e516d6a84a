export { eventually } from './eventually.js';
export { FixedClock } from './fixed-clock.js';
export { freePort } from './free-port.js';
export { emptyDatabase, testDatabase, type TestDatabase } from './database.js';
export { testKafka, type TestKafka } from './kafka.js';
export { type OwnServer, repoRoot, startOwnKafka, startOwnPostgres } from './servers.js';
export { type RunningService, runProgram, runService, type ServiceOptions } from './service.js';
export { buildEvent, buildJobResult, buildTicketRequest } from './builders.js';
