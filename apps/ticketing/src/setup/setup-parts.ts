import { systemClock } from '@backhaul/domain';
import type { Provider } from '@backhaul/messaging';
import type { UnitOfWork } from '@backhaul/persistence';
import type { Type } from '@nestjs/common';
import type { ConnectionRepository } from '../connections/connection.repository.js';
import { AskPsa } from './ask-psa.js';
import { CallBudget } from './call-budget.js';
import { CheckPsaHandler } from './check-psa.handler.js';
import { DiagnoseHandler } from './diagnose.handler.js';
import { DiagnosticsController } from './diagnostics.controller.js';
import { LookUpHandler } from './look-up.handler.js';
import { LookupsController } from './lookups.controller.js';
import { MappedCustomers } from './mapped-customers.repository.js';
import { PsaChecksController, ServiceKey } from './psa-checks.controller.js';
import type { SetupPorts } from './setup-ports.js';
import { SuggestController } from './suggest.controller.js';
import { SuggestHandler } from './suggest.handler.js';

export interface SetupPartsOptions {
  unitOfWork: UnitOfWork;
  connections: ConnectionRepository;
  ports: Pick<SetupPorts, 'with'>;
  provider: Provider;
  /** The text of SERVICE_TOKEN_KEY. */
  serviceTokenKey: string;
}

export const SETUP_CONTROLLERS: Type[] = [
  LookupsController,
  DiagnosticsController,
  SuggestController,
  PsaChecksController,
];

/** All that asks a PSA for those who set it up. */
export function setupParts(options: SetupPartsOptions): object[] {
  const { unitOfWork, connections, ports, provider, serviceTokenKey } = options;
  const budget = new CallBudget(unitOfWork);
  const psa = new AskPsa(connections, budget, ports);
  const customers = new MappedCustomers(unitOfWork);
  return [
    new CheckPsaHandler(ports, budget),
    new ServiceKey(serviceTokenKey),
    new LookUpHandler(psa, systemClock),
    new DiagnoseHandler(psa, connections, customers, provider, systemClock),
    new SuggestHandler(psa, customers, systemClock),
  ];
}
