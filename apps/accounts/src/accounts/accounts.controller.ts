import { Caller, etagOf, NumberParam, type Principal } from '@backhaul/http';
import { IdempotencyTable } from '@backhaul/persistence';
import { Body, Controller, Delete, Get, Headers, HttpCode, Patch, Post, Query, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { created, shown } from '../answers.js';
import { ServiceKey } from '../authentications/client.js';
import { afterNumber, pageByNumber } from '../paging.js';
import { MayChangeAccounts, MayCreateAccounts, MayReadAccounts } from '../rights.js';
import { AccountRepository } from './account.repository.js';
import {
  AccountOut,
  accountOut,
  AccountsOut,
  AccountsQuery,
  ChangeAccountIn,
  CreateAccountIn,
} from './accounts.types.js';
import { ChangeAccountsHandler } from './change-accounts.handler.js';
import { PasswordFingerprint } from './passwords.js';

/** Accounts: a login and what it backs up. */
@ApiTags('accounts')
@MayReadAccounts()
@Controller('api/v1/accounts')
export class AccountsController {
  constructor(
    private readonly accounts: AccountRepository,
    private readonly changeAccounts: ChangeAccountsHandler,
    private readonly idempotency: IdempotencyTable,
    private readonly fingerprint: PasswordFingerprint,
    private readonly serviceKey: ServiceKey,
  ) {}

  @Get()
  @ApiOkResponse({ type: AccountsOut })
  async list(
    @Caller() caller: Principal,
    @Query() { limit, cursor, total, ...filter }: AccountsQuery,
  ): Promise<AccountsOut> {
    const rows = await this.accounts.page(caller, filter, afterNumber(cursor), limit + 1);
    return pageByNumber(
      rows,
      limit,
      (row) => row.accountNo,
      accountOut,
      total ? await this.accounts.count(caller, filter) : undefined,
    );
  }

  @Get(':no')
  @ApiOkResponse({ type: AccountOut })
  async read(
    @Caller() caller: Principal,
    @NumberParam('no') no: number,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AccountOut> {
    const account = await this.accounts.get(caller, no);
    return shown(reply, etagOf(account.version), accountOut(account));
  }

  /** A random password is shown once, and again to who repeats the request with its Idempotency-Key. */
  @Post()
  @MayCreateAccounts()
  @ApiCreatedResponse({ type: AccountOut })
  async create(
    @Caller() caller: Principal,
    @Headers('idempotency-key') header: string | undefined,
    @Body() body: CreateAccountIn,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AccountOut> {
    const request = {
      caller,
      route: 'POST /accounts',
      header,
      body: this.comparable(caller, body),
      sealedWith: this.serviceKey.text,
    };
    return created(this.idempotency, request, reply, async () => {
      const { account, password } = await this.changeAccounts.create(caller, body);
      return {
        body: { ...accountOut(account), ...(password !== null && { password }) },
        location: `/api/v1/accounts/${account.accountNo}`,
        version: account.version,
      };
    });
  }

  @Patch(':no')
  @MayChangeAccounts()
  @ApiOkResponse({ type: AccountOut })
  async change(
    @Caller() caller: Principal,
    @NumberParam('no') no: number,
    @Headers('if-match') ifMatch: string | undefined,
    @Body() body: ChangeAccountIn,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AccountOut> {
    const account = await this.changeAccounts.change(caller, no, ifMatch, body);
    return shown(reply, etagOf(account.version), accountOut(account));
  }

  @Delete(':no')
  @MayCreateAccounts()
  @HttpCode(204)
  @ApiNoContentResponse()
  async remove(
    @Caller() caller: Principal,
    @NumberParam('no') no: number,
    @Headers('if-match') ifMatch: string | undefined,
  ): Promise<void> {
    await this.changeAccounts.remove(caller, no, ifMatch);
  }

  /** The body as it is remembered for a repetition: a bare hash of it would let a typed password be guessed. */
  private comparable({ partnerId }: Principal, { password, ...rest }: CreateAccountIn): object {
    return { ...rest, password: password ? this.fingerprint.of(partnerId, password) : null };
  }
}
