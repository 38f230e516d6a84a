import { CreateIdempotency1763000100000, PERSISTENCE_MIGRATIONS } from '@backhaul/persistence';
import { ScopeTree1763500000000 } from './migrations/1763500000000-scope-tree.js';
import { Credentials1763500100000 } from './migrations/1763500100000-credentials.js';
import { BrandTree1763500300000 } from './migrations/1763500300000-brand-tree.js';
import { AccountRules1763500200000 } from './migrations/1763500200000-account-rules.js';
import { Audit1763500500000 } from './migrations/1763500500000-audit.js';
import { RowLevelSecurity1763500400000 } from './migrations/1763500400000-row-level-security.js';
import { People1763600000000 } from './migrations/1763600000000-people.js';
import { SecondFactors1763600100000 } from './migrations/1763600100000-second-factors.js';
import { DataKeys1763700000000 } from './migrations/1763700000000-data-keys.js';
import { ConnectionStates1763700100000 } from './migrations/1763700100000-connection-states.js';
import { ApiKeyLimits1763850000000 } from './migrations/1763850000000-api-key-limits.js';
import { Passkeys1763850100000 } from './migrations/1763850100000-passkeys.js';
import { ImpersonationPolicy1763850200000 } from './migrations/1763850200000-impersonation-policy.js';
import { PartnerSuspension1763860000000 } from './migrations/1763860000000-partner-suspension.js';
import { EgressApprovals1763700200000 } from './migrations/1763700200000-egress-approvals.js';
import { PasswordResets1763800000000 } from './migrations/1763800000000-password-resets.js';
import { MapProblems1763900000000 } from './migrations/1763900000000-map-problems.js';
import { FactorDemand1763910000000 } from './migrations/1763910000000-factor-demand.js';
import { MapProblemsAt1763920000000 } from './migrations/1763920000000-map-problems-at.js';
import { BrandSupport1764500000000 } from './migrations/1764500000000-brand-support.js';

export const MIGRATIONS = [
  ...PERSISTENCE_MIGRATIONS,
  CreateIdempotency1763000100000,
  ScopeTree1763500000000,
  Credentials1763500100000,
  AccountRules1763500200000,
  BrandTree1763500300000,
  RowLevelSecurity1763500400000,
  Audit1763500500000,
  People1763600000000,
  SecondFactors1763600100000,
  DataKeys1763700000000,
  ConnectionStates1763700100000,
  EgressApprovals1763700200000,
  PasswordResets1763800000000,
  ApiKeyLimits1763850000000,
  Passkeys1763850100000,
  ImpersonationPolicy1763850200000,
  PartnerSuspension1763860000000,
  MapProblems1763900000000,
  FactorDemand1763910000000,
  MapProblemsAt1763920000000,
  BrandSupport1764500000000,
];
