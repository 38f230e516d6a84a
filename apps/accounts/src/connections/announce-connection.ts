import { accountsConnections } from '@backhaul/messaging';
import type { Tx } from '@backhaul/persistence';
import { announce } from '../announce.js';
import { approvalsOf } from '../egress-approvals/egress-approval.repository.js';
import { type ConnectionEntity, connectionPayload, SettingsEntity } from './connection.entity.js';

/** Tells ticketing how a connection is now: one record of credentials, settings and approvals. */
export async function announceConnection(tx: Tx, row: ConnectionEntity): Promise<void> {
  const { partnerId, provider } = row;
  const settings = await tx.manager.findOne(SettingsEntity, { where: { partnerId, provider } });
  const approvals = await approvalsOf(tx, partnerId, provider);
  await announce(tx, partnerId, accountsConnections, connectionPayload(row, settings, approvals));
}
