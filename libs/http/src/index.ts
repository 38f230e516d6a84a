// First, or the classes below lose the types of their properties.
import 'reflect-metadata';
export { DeadLettersController } from './dead-letters/dead-letters.controller.js';
export { type LetterDesk } from './dead-letters/dead-letters.types.js';
export { decodeCursor, encodeCursor } from './lists/cursor.js';
export { attachment, CSV_MEDIA_TYPE, csvRecord } from './lists/csv.js';
export { ApiProblem } from './openapi/problem-answer.js';
export { etagOf, requireIfMatch } from './lists/etag.js';
export {
  IDEMPOTENCY_TTL_MS, type IdempotencyClaim, idempotently, type IdempotencyScope, type IdempotencyStore,
  type IdempotentRequest,
  type StoredAnswer,
} from './lists/idempotency.js'; // prettier-ignore
export { COUNTED_UP_TO, type Page, pageOf, PageQuery } from './lists/page.js';
export { KeyUses, type KeyUse } from './principals/key-uses.js';
export {
  clientAddress,
  clientNetwork,
  isAllowedFrom,
  isWithin,
  networks,
  networksOf,
  normalNetwork,
} from './principals/networks.js';
export { basicCredentials } from './principals/basic.js';
export { type ApiKey, newApiKey, parseApiKey, sameSecret } from './principals/api-key.js';
export {
  type FactorOwed, FACTORS_OWED, type Identity, type Principal, PRINCIPAL_HEADER, principalOf, programIdentity,
  type ProvedIdentity, READERS, type Role, ROLES, signPrincipal, verifyPrincipal,
} from './principals/principal.js'; // prettier-ignore
export { PLATFORM } from '@backhaul/domain';
export {
  Caller, NeedsScope, NeedsStepUp, NotWhileImpersonating, Public, Roles, WholePartner,
} from './principals/principal.decorators.js'; // prettier-ignore
export {
  CLIENT_HEADER, SERVICE_HEADER, type ServicePurpose, signService, verifyService,
} from './principals/service-token.js'; // prettier-ignore
export { openFromService, sealForServices } from './principals/service-seal.js';
export { assertNotImpersonating, assertSteppedUp, STEP_UP_S } from './principals/step-up.js';
export { Problem, type ProblemError } from './problems/problem.js';
export { problemOf } from './problems/problem-of.js';
export { PROBLEM_MEDIA_TYPE, sendProblem } from './problems/problem.filter.js';
export { createHttpApp, type HttpApp, type HttpAppOptions } from './server/http-app.js';
export { parseJson } from './server/json-body.js';
export { JSON_LIMITS, type JsonLimits } from './server/json-limits.js';
export { PortInUseError } from './server/listen.js';
export { runMain } from './server/run-main.js';
export { type ShutdownTimes } from './server/shutdown.js';
export { type LoadClass, type LoadSignals } from './shedding/load.js';
export { type LoadProbe, LoadShedder } from './shedding/load-shedder.js';
export { processProbe } from './shedding/process-probe.js';
export { compileFastPath, decideSlowly, fastPathValidator } from './validation/fast-path.js';
export { assertCondition, IsTerm, TERM_SCHEMA } from './validation/conditions.js';
export { Omittable } from './validation/omittable.js';
export { CheckedParam, NumberParam, UuidParam } from './validation/params.js';
export { AnyQuery } from './validation/strict-query.interceptor.js';
