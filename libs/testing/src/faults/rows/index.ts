import type { FaultRow } from '../row.js';
import { row as row01 } from './row-01-killed-after-commit.js';
import { row as row02 } from './row-02-killed-before-commit.js';
import { row as row03 } from './row-03-way-in-frozen.js';
import { row as row04 } from './row-04-out-of-descriptors.js';
import { row as row05 } from './row-05-too-many-bodies.js';
import { row as row06 } from './row-06-loop-blocked.js';
import { row as row07 } from './row-07-body-trickles.js';
import { row as row08 } from './row-08-postgres-refused.js';
import { row as row09 } from './row-09-postgres-black-hole.js';
import { row as row10 } from './row-10-postgres-killed-in-commit.js';
import { row as row11 } from './row-11-postgres-slow-wire.js';
import { row as row12 } from './row-12-connections-cut.js';
import { row as row13 } from './row-13-lost-races.js';
import { row as row14 } from './row-14-data-disk-full.js';
import { row as row15 } from './row-15-wal-disk-full.js';
import { row as row16 } from './row-16-lists-hold-the-pool.js';
import { row as row17 } from './row-17-idle-transaction.js';
import { row as row18 } from './row-18-all-brokers-down.js';
import { row as row19 } from './row-19-one-broker-down.js';
import { row as row20 } from './row-20-coordinator-lost.js';
import { row as row21 } from './row-21-not-enough-replicas.js';
import { row as row22 } from './row-22-slow-broker.js';
import { row as row23 } from './row-23-rebalance-storm.js';
import { row as row24 } from './row-24-consumer-frozen.js';
import { row as row25 } from './row-25-consumer-killed-before-offset.js';
import { row as row26 } from './row-26-poison.js';
import { row as row27 } from './row-27-killer-record.js';
import { row as row28 } from './row-28-relay-killed-after-send.js';
import { row as row29 } from './row-29-two-relays.js';
import { row as row30 } from './row-30-psa-away.js';
import { row as row31 } from './row-31-psa-hangs.js';
import { row as row32 } from './row-32-reply-lost.js';
import { row as row33 } from './row-33-answer-cut.js';
import { row as row34 } from './row-34-answer-without-sense.js';
import { row as row35 } from './row-35-503-after-commit.js';
import { row as row36 } from './row-36-search-lags.js';
import { row as row37 } from './row-37-too-many-requests.js';
import { row as row38 } from './row-38-secret-rotated.js';
import { row as row39 } from './row-39-tls.js';
import { row as row40 } from './row-40-redirects.js';
import { row as row41 } from './row-41-answers-without-end.js';
import { row as row42 } from './row-42-people-in-the-psa.js';
import { row as row43 } from './row-43-psa-changes-its-fields.js';
import { row as row44 } from './row-44-breaker-flaps.js';
import { row as row45 } from './row-45-clock-jumps.js';
import { row as row46 } from './row-46-zones-change.js';
import { row as row47 } from './row-47-all-restart-together.js';
import { row as row48 } from './row-48-way-in-away.js';
import { row as row49 } from './row-49-noisy-partner.js';
import { row as row50 } from './row-50-databases-put-back.js';
import { row as row51 } from './row-51-log-not-read.js';
import { row as row52 } from './row-52-mail-server.js';
import { row as row53 } from './row-53-audit-fails.js';
import { row as row54 } from './row-54-key-gone.js';

/** The rows of the fault matrix, in the order in which they run. */
export const ROWS: readonly FaultRow[] = [
  row01,
  row02,
  row03,
  row04,
  row05,
  row06,
  row07,
  row08,
  row09,
  row10,
  row11,
  row12,
  row13,
  row14,
  row15,
  row16,
  row17,
  row18,
  row19,
  row20,
  row21,
  row22,
  row23,
  row24,
  row25,
  row26,
  row27,
  row28,
  row29,
  row30,
  row31,
  row32,
  row33,
  row34,
  row35,
  row36,
  row37,
  row38,
  row39,
  row40,
  row41,
  row42,
  row43,
  row44,
  row45,
  row46,
  row47,
  row48,
  row49,
  row50,
  row51,
  row52,
  row53,
  row54,
];
