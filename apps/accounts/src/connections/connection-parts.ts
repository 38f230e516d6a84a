import type { Clock } from '@backhaul/domain';
import type { AuditTrail, Keyring, UnitOfWork } from '@backhaul/persistence';
import type { Egress } from '@backhaul/psa';
import { DataKeyRepository } from '../data-keys/data-key.repository.js';
import { ApproveEgressHandler } from '../egress-approvals/approve-egress.handler.js';
import { EgressApprovalRepository } from '../egress-approvals/egress-approval.repository.js';
import { ChangeConnectionsHandler } from './change-connections.handler.js';
import { ConnectionTestRepository } from './connection-test.repository.js';
import { ConnectionVault } from './connection-vault.js';
import { ConnectionRepository, SettingsRepository } from './connection.repository.js';
import { LinkReader } from '../psa-checks/link-reader.js';
import type { PsaChecks } from '../psa-checks/psa-checks.js';
import { SaveSettingsHandler } from './save-settings.handler.js';
import { SoapEndDate } from './soap-end-date.js';
import { TestConnectionHandler } from './test-connection.handler.js';

export interface ConnectionPartsOptions {
  unitOfWork: UnitOfWork;
  keyring: Keyring;
  egress: Egress;
  /** SOAP_ENDS_AT. */
  soapEndsAt: string;
  /** Null: settings are saved as they come. */
  checks: PsaChecks | null;
  audit: AuditTrail;
  clock: Clock;
}

/** All that links to PSAs and their approvals are made of. */
export function connectionParts(options: ConnectionPartsOptions): { provided: object[]; reader: LinkReader } {
  const { unitOfWork, keyring, egress, soapEndsAt, checks, audit, clock } = options;
  const { dataSource } = unitOfWork;
  const connections = new ConnectionRepository(dataSource);
  const settings = new SettingsRepository(dataSource);
  const dataKeys = new DataKeyRepository(keyring);
  const approvals = new EgressApprovalRepository(dataSource);
  const vault = new ConnectionVault(keyring, dataKeys);
  const rows = { connections, settings };
  const changeConnections = new ChangeConnectionsHandler(unitOfWork, rows, vault, egress, audit, clock);
  const testConnection = new TestConnectionHandler(changeConnections, {
    connections,
    budget: new ConnectionTestRepository(unitOfWork),
    keyring,
    egress,
    approvals: (scope, provider) => approvals.ofConnection(scope, provider),
  });
  const links = new LinkReader(connections, (scope, provider) => approvals.ofConnection(scope, provider));
  const provided = [
    connections,
    settings,
    approvals,
    changeConnections,
    testConnection,
    links,
    new SaveSettingsHandler(changeConnections, links, checks),
    new SoapEndDate(soapEndsAt, clock),
    new ApproveEgressHandler(unitOfWork, approvals, dataKeys, audit, clock),
  ];
  return { provided, reader: links };
}
