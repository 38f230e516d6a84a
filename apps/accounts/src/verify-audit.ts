/**
 * `node verify-audit.js [--partner ID]`: walks audit logs and compares them with what was anchored in Kafka, a line each; ends
 * with 1 when one was changed, cut or written anew. `--public-key` prints what checks the signatures of anchors kept elsewhere.
 */
import { parseArgs } from 'node:util';
import { isUuid, type PartnerId } from '@backhaul/domain';
import { openAudit } from './audit/audit-program.js';
import { isIntact } from './audit/check-audit.js';
import { readAuditConfig } from './config.js';

const { values } = parseArgs({
  options: { partner: { type: 'string' }, 'public-key': { type: 'boolean', default: false } },
});
if (values.partner !== undefined && !isUuid(values.partner)) {
  process.stderr.write('Usage: verify-audit [--partner ID] [--public-key]\n');
  process.exit(2);
}
const program = await openAudit(readAuditConfig());
try {
  if (values['public-key']) process.stdout.write(program.signature.publicPem());
  const all = values.partner ? [values.partner as PartnerId] : await program.anchorHeads.partners();
  for (const partnerId of all) {
    const verdict = await program.check.check(partnerId);
    const { entries, brokenAt, anchorState, anchor } = verdict;
    const isGood = isIntact(verdict);
    if (!isGood) process.exitCode = 1;
    const told = { partnerId, isIntact: isGood, entries, brokenAt, anchorState };
    const anchored = anchor && { anchoredEntries: anchor.entries, anchoredAt: anchor.at };
    process.stdout.write(`${JSON.stringify({ ...told, ...anchored })}\n`);
  }
} finally {
  await program.close();
}
