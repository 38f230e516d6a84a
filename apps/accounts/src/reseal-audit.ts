/**
 * `node reseal-audit.js --partner ID|--all --reason TEXT`: after the database was restored from an earlier time, writes into
 * each audit log that no longer holds its anchor what is missing and why, and anchors it anew. What is broken in itself it
 * leaves alone and ends with 1.
 */
import { parseArgs } from 'node:util';
import { isUuid, type PartnerId } from '@backhaul/domain';
import { openAudit } from './audit/audit-program.js';
import { ResealAudit } from './audit/reseal-audit.handler.js';
import { readAuditConfig } from './config.js';

const { values } = parseArgs({
  options: {
    partner: { type: 'string' },
    all: { type: 'boolean', default: false },
    reason: { type: 'string' },
  },
});
const { partner, all, reason = '' } = values;
const isUsable = all ? partner === undefined : isUuid(partner ?? '');
if (!isUsable || reason.trim() === '' || reason.length > 500) {
  process.stderr.write('Usage: reseal-audit --partner ID | --all  --reason TEXT (1 to 500 characters)\n');
  process.exit(2);
}
const program = await openAudit(readAuditConfig());
try {
  const reseal = new ResealAudit(program.unitOfWork, program.audit, program.check, program.anchorHeads);
  for (const partnerId of all ? await program.anchorHeads.partners() : [partner as PartnerId]) {
    const result = await reseal.reseal(partnerId, reason.trim());
    if (result === 'broken') process.exitCode = 1;
    process.stdout.write(`${partnerId} ${result}\n`);
  }
} finally {
  await program.close();
}
