import {
  CreateIdempotency1763000100000,
  KnownBrands1763000300000,
  PERSISTENCE_MIGRATIONS,
} from '@backhaul/persistence';
import { Rules1763600000000 } from './migrations/1763600000000-rules.js';
import { Raised1763600100000 } from './migrations/1763600100000-raised.js';
import { RuleOwners1763600200000 } from './migrations/1763600200000-rule-owners.js';
import { RowLevelSecurity1763600300000 } from './migrations/1763600300000-row-level-security.js';
import { NotificationOptions1763800000000 } from './migrations/1763800000000-notification-options.js';
import { RuleMails1763870000000 } from './migrations/1763870000000-rule-mails.js';
import { Mail1763800100000 } from './migrations/1763800100000-mail.js';
import { Silences1764100000000 } from './migrations/1764100000000-silences.js';
import { ProblemWatch1764100100000 } from './migrations/1764100100000-problem-watch.js';
import { Webhooks1764100200000 } from './migrations/1764100200000-webhooks.js';
import { SiteOutages1764119000000 } from './migrations/1764119000000-site-outages.js';
import { HeardProblems1764300000000 } from './migrations/1764300000000-heard-problems.js';
import { EventHandlers1764400000000 } from './migrations/1764400000000-event-handlers.js';

export const MIGRATIONS = [
  ...PERSISTENCE_MIGRATIONS,
  CreateIdempotency1763000100000,
  KnownBrands1763000300000,
  Rules1763600000000,
  Raised1763600100000,
  RuleOwners1763600200000,
  RowLevelSecurity1763600300000,
  NotificationOptions1763800000000,
  Mail1763800100000,
  RuleMails1763870000000,
  Silences1764100000000,
  ProblemWatch1764100100000,
  Webhooks1764100200000,
  SiteOutages1764119000000,
  HeardProblems1764300000000,
  EventHandlers1764400000000,
];
