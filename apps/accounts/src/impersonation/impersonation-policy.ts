import { etagOf, Problem, requireIfMatch } from '@backhaul/http';
import type { AuditTrail, Scope, Tx, UnitOfWork } from '@backhaul/persistence';

/** Whether a partner's people may act as others of theirs. */
export class ImpersonationPolicy {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly audit: AuditTrail,
  ) {}

  /** @throws Problem 404 for who is of no partner */
  async isAllowed({ partnerId }: Scope, tx: Pick<Tx, 'query'> = this.unitOfWork): Promise<boolean> {
    const [row] = await tx.query<{ isAllowed: boolean }>(
      'SELECT allows_impersonation AS "isAllowed" FROM partner WHERE partner_id = $1',
      [partnerId],
    );
    if (!row) throw Problem.notFound();
    return row.isAllowed;
  }

  /** In force with the next request, also where somebody impersonates already. @throws Problem 412, 428 */
  async set(scope: Scope, ifMatch: string | undefined, isAllowed: boolean): Promise<void> {
    const { partnerId } = scope;
    await this.unitOfWork.run(async (tx) => {
      await tx.query('SELECT 1 FROM partner WHERE partner_id = $1 FOR UPDATE', [partnerId]);
      requireIfMatch(ifMatch, etagOf({ isAllowed: await this.isAllowed(scope, tx) }));
      await tx.query('UPDATE partner SET allows_impersonation = $2 WHERE partner_id = $1', [
        partnerId,
        isAllowed,
      ]);
      const target = { kind: 'partner', id: partnerId };
      await this.audit.record(tx, partnerId, {
        action: 'impersonation.policy',
        target,
        detail: { isAllowed },
      });
    });
  }
}
