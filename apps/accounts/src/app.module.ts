import { type Clock, type Secret, systemClock } from '@backhaul/domain';
import { DeadLettersController } from '@backhaul/http';
import { NO_REPLAYER, type Replayer } from '@backhaul/messaging';
import {
  DeadLetterDesk,
  DeadLetterRepository,
  IdempotencyTable,
  type Keyring,
  UnitOfWork,
} from '@backhaul/persistence';
import type { Egress } from '@backhaul/psa';
import { type DynamicModule, Module } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { AccountRepository } from './accounts/account.repository.js';
import { AccountsController } from './accounts/accounts.controller.js';
import { ChangeAccountsHandler } from './accounts/change-accounts.handler.js';
import { PasswordFingerprint } from './accounts/passwords.js';
import { AccessTokensController } from './access-tokens/access-tokens.controller.js';
import { ApiKeyUsesConsumer } from './api-keys/api-key-uses.consumer.js';
import { ApiKeysController } from './api-keys/api-keys.controller.js';
import { ApiKeyRepository } from './api-keys/api-key.repository.js';
import { ChangeApiKeysHandler } from './api-keys/change-api-keys.handler.js';
import { AuditConsumer } from './audit/audit.consumer.js';
import { AuditController } from './audit/audit.controller.js';
import { type Anchors, NO_ANCHORS } from './audit/anchors.js';
import { AuditRepository } from './audit/audit.repository.js';
import { CheckAudit } from './audit/check-audit.js';
import { BrandRepository } from './brands/brand.repository.js';
import { BrandsController } from './brands/brands.controller.js';
import { ChangeBrandsHandler } from './brands/change-brands.handler.js';
import { BrandChangeRepository } from './brand-changes/brand-change.repository.js';
import { BrandChangesController } from './brand-changes/brand-changes.controller.js';
import { BrandChangesHandler } from './brand-changes/brand-changes.handler.js';
import { ConnectionChecksConsumer } from './connections/connection-checks.consumer.js';
import { connectionParts } from './connections/connection-parts.js';
import { ConnectionsController } from './connections/connections.controller.js';
import { CheckMap } from './customer-map/check-map.js';
import { CustomerMapController } from './customer-map/customer-map.controller.js';
import { CustomerMapRepository } from './customer-map/customer-map.repository.js';
import { MapChecksConsumer } from './customer-map/map-checks.consumer.js';
import { MapCustomersHandler } from './customer-map/map-customers.handler.js';
import { ChangeCustomersHandler } from './customers/change-customers.handler.js';
import { CustomerRepository } from './customers/customer.repository.js';
import { CustomersController } from './customers/customers.controller.js';
import { EgressApprovalsController } from './egress-approvals/egress-approvals.controller.js';
import type { PsaChecks } from './psa-checks/psa-checks.js';
import { loginParts } from './login-parts.js';
import { PartnerRepository } from './partners/partner.repository.js';
import { PartnersController } from './partners/partners.controller.js';
import { SuspendPartnersHandler } from './partners/suspend-partners.handler.js';
import { TABLES } from './scope-tables.js';
import { scrubText as scrub } from '@backhaul/telemetry';

export interface AppParts {
  dataSource: DataSource;
  keyring: Keyring;
  /** 32 bytes that fingerprint passwords. */
  fingerprintKey: Secret<Buffer>;
  egress: Egress;
  /** SOAP_ENDS_AT. */
  soapEndsAt: string;
  /** The text of SERVICE_TOKEN_KEY. */
  serviceTokenKey: string;
  /** PUBLIC_URL. */
  publicUrl: string;
  /** Of audit logs; nothing is known of them by default. */
  anchors?: Anchors;
  /** Who asks PSAs before settings and maps are saved; without, nobody does. */
  checks?: PsaChecks | null;
  clock?: Clock;
  /** Takes what was set aside once more. */
  replayer?: Replayer;
}

const CONTROLLERS = [
  AuditConsumer,
  ApiKeyUsesConsumer,
  ConnectionChecksConsumer,
  MapChecksConsumer,
  AuditController,
  BrandsController,
  BrandChangesController,
  CustomersController,
  AccountsController,
  ApiKeysController,
  AccessTokensController,
  CustomerMapController,
  ConnectionsController,
  EgressApprovalsController,
  PartnersController,
  DeadLettersController,
];

@Module({})
export class AppModule {
  static with({
    dataSource,
    keyring,
    fingerprintKey,
    egress,
    soapEndsAt,
    anchors = NO_ANCHORS,
    checks = null,
    replayer = NO_REPLAYER,
    clock = systemClock,
    ...rest
  }: AppParts): DynamicModule {
    const unitOfWork = new UnitOfWork(dataSource);
    const audit = new AuditRepository(unitOfWork);
    const brands = new BrandRepository(dataSource);
    const brandChanges = new BrandChangeRepository(dataSource);
    const customers = new CustomerRepository(dataSource);
    const accounts = new AccountRepository(dataSource);
    const keys = new ApiKeyRepository(dataSource);
    const map = new CustomerMapRepository(dataSource);
    const fingerprint = new PasswordFingerprint(fingerprintKey);
    const known = { unitOfWork, accounts, customers, audit, clock };
    const login = loginParts({ ...known, fingerprint, fingerprintKey, ...rest });
    const links = connectionParts({ unitOfWork, keyring, egress, soapEndsAt, checks, audit, clock });
    const provided = [
      ...login.provided,
      unitOfWork, audit, new CheckAudit(audit, anchors),
      brands, customers, accounts, keys, map, fingerprint,
      ...links.provided,
      new IdempotencyTable(unitOfWork),
      new PartnerRepository(dataSource), new SuspendPartnersHandler(unitOfWork, audit, clock),
      new ChangeBrandsHandler(unitOfWork, brands, audit),
      brandChanges, new BrandChangesHandler(unitOfWork, brandChanges, brands, audit),
      new ChangeCustomersHandler(unitOfWork, customers, brands, map, audit),
      new ChangeAccountsHandler(unitOfWork, accounts, customers, fingerprint, audit),
      new ChangeApiKeysHandler(unitOfWork, keys, brands, audit),
      new MapCustomersHandler(unitOfWork, map, audit, new CheckMap(links.reader, checks)),
    ]; // prettier-ignore
    const letters = new DeadLetterRepository(unitOfWork, TABLES);
    const desk = new DeadLetterDesk({ unitOfWork, letters, replayer, audit, scrub });
    return {
      module: AppModule,
      controllers: [...CONTROLLERS, ...login.controllers],
      providers: [
        ...DeadLettersController.providers(desk, 'accounts'),
        ...provided.map((value) => ({ provide: value.constructor, useValue: value })),
      ],
    };
  }
}
