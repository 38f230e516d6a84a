import { type Clock, type PartnerId, uuidv7 } from '@backhaul/domain';
import { type Principal, Problem } from '@backhaul/http';
import type { AuditTrail, Tx, UnitOfWork } from '@backhaul/persistence';
import { type Approval, parseApproval, type ProviderName } from '@backhaul/psa';
import { announceConnection } from '../connections/announce-connection.js';
import { ConnectionEntity } from '../connections/connection.entity.js';
import type { DataKeyRepository } from '../data-keys/data-key.repository.js';
import type { EgressApproval, EgressApprovalRepository } from './egress-approval.repository.js';
import type { CreateEgressApprovalIn } from './egress-approvals.types.js';

/** An operator lets one partner's link reach a private address, and takes it back. Ticketing hears of both. */
export class ApproveEgressHandler {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly approvals: EgressApprovalRepository,
    private readonly keys: DataKeyRepository,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  /** @throws Problem 409 where it is approved already, 422 */
  create(operator: Principal, { partnerId, provider, reason, ...asked }: CreateEgressApprovalIn) {
    const target = targetOf(asked);
    const row = {
      approvalId: uuidv7(this.clock.now().getTime()),
      partnerId: partnerId as PartnerId,
      provider,
      ...target,
      reason: reason.trim(),
      approvedBy: operator.subject,
    };
    return this.alone(row, async (tx) => {
      const made = await this.approvals.insert(tx, row);
      if (made === false) throw refusal('/partnerId', 'names no partner', 'known');
      if (made === null) throw Problem.conflict('This is approved already.');
      await this.record(tx, 'egress-approval.give', made);
      return made;
    });
  }

  /** @throws Problem 404 */
  async remove(approvalId: string): Promise<void> {
    const row = await this.approvals.find(approvalId);
    if (!row) throw Problem.notFound();
    await this.alone(row, async (tx) => {
      if (!(await this.approvals.remove(tx, approvalId))) throw Problem.notFound();
      await this.record(tx, 'egress-approval.take-back', row);
    });
  }

  private record(tx: Tx, action: string, row: EgressApproval): Promise<void> {
    const { partnerId, approvalId, provider, target, port, reason } = row;
    const detail = { provider, target, port, reason };
    return this.audit.record(tx, partnerId, {
      action,
      target: { kind: 'egress-approval', id: approvalId },
      detail,
    });
  }

  /** The connection's record goes out with its approvals: nobody else writes about it meanwhile. */
  private alone<T>(
    { partnerId, provider }: Pick<EgressApproval, 'partnerId' | 'provider'>,
    work: (tx: Tx) => Promise<T>,
  ): Promise<T> {
    return this.unitOfWork.run(async (tx) => {
      await this.keys.holdAlone(tx, [partnerId]);
      const answer = await work(tx);
      await this.tell(tx, partnerId, provider);
      return answer;
    });
  }

  private async tell(tx: Tx, partnerId: PartnerId, provider: ProviderName): Promise<void> {
    const connection = await tx.manager.findOne(ConnectionEntity, { where: { partnerId, provider } });
    if (connection) await announceConnection(tx, connection);
  }
}

function targetOf({ target, port }: Pick<CreateEgressApprovalIn, 'target' | 'port'>): Approval {
  const text = target.trim();
  const isBareV6 = text.includes(':') && !/[/[]/.test(text);
  try {
    return parseApproval(`${isBareV6 ? `[${text}]` : text}:${port}`);
  } catch {
    throw refusal('/target', 'must be a CIDR such as 10.1.0.0/16, an address or a host name', 'target');
  }
}

const refusal = (pointer: string, detail: string, rule: string): Problem =>
  Problem.unprocessable('The approval cannot be given.', [{ pointer, detail, rule }]);
