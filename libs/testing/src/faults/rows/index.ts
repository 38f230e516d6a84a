import type { FaultRow } from '../row.js';
import { row as row01 } from './row-01-killed-after-commit.js';
import { row as row02 } from './row-02-killed-before-commit.js';
import { row as row08 } from './row-08-postgres-refused.js';
import { row as row10 } from './row-10-postgres-killed-in-commit.js';
import { row as row18 } from './row-18-all-brokers-down.js';
import { row as row20 } from './row-20-coordinator-lost.js';
import { row as row25 } from './row-25-consumer-killed-before-offset.js';
import { row as row28 } from './row-28-relay-killed-after-send.js';
import { row as row32 } from './row-32-reply-lost.js';

/** The rows of the fault matrix, in the order in which they run. */
export const ROWS: readonly FaultRow[] = [row01, row02, row08, row10, row18, row20, row25, row28, row32];
