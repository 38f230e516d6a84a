import { Caller, etagOf, NumberParam, type Principal } from '@backhaul/http';
import { IdempotencyTable } from '@backhaul/persistence';
import { Body, Controller, Delete, Get, Headers, HttpCode, Patch, Post, Query, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { created, shown } from '../answers.js';
import { afterNumber, pageByNumber } from '../paging.js';
import { MayCreateAccounts, MayManage, MayRead } from '../rights.js';
import { ChangeCustomersHandler } from './change-customers.handler.js';
import { CustomerRepository } from './customer.repository.js';
import {
  ChangeCustomerIn,
  CreateCustomerIn,
  CustomerOut,
  customerOut,
  CustomersOut,
  CustomersQuery,
} from './customers.types.js';

/** Customers: who is billed. */
@ApiTags('customers')
@MayRead()
@Controller('api/v1/customers')
export class CustomersController {
  constructor(
    private readonly customers: CustomerRepository,
    private readonly changeCustomers: ChangeCustomersHandler,
    private readonly idempotency: IdempotencyTable,
  ) {}

  @Get()
  @ApiOkResponse({ type: CustomersOut })
  async list(
    @Caller() caller: Principal,
    @Query() { limit, cursor, q, total }: CustomersQuery,
  ): Promise<CustomersOut> {
    const rows = await this.customers.page(caller, q, afterNumber(cursor), limit + 1);
    return pageByNumber(
      rows,
      limit,
      (row) => row.custId,
      customerOut,
      total ? await this.customers.count(caller, q) : undefined,
    );
  }

  @Get(':custId')
  @ApiOkResponse({ type: CustomerOut })
  async read(
    @Caller() caller: Principal,
    @NumberParam('custId') custId: number,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CustomerOut> {
    const customer = await this.customers.get(caller, custId);
    return shown(reply, etagOf(customer.version), customerOut(customer));
  }

  @Post()
  @MayCreateAccounts()
  @ApiCreatedResponse({ type: CustomerOut })
  create(
    @Caller() caller: Principal,
    @Headers('idempotency-key') header: string | undefined,
    @Body() body: CreateCustomerIn,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CustomerOut> {
    return created(this.idempotency, { caller, route: 'POST /customers', header, body }, reply, async () => {
      const customer = await this.changeCustomers.create(caller, body);
      return {
        body: customerOut(customer),
        location: `/api/v1/customers/${customer.custId}`,
        version: customer.version,
      };
    });
  }

  @Patch(':custId')
  @MayCreateAccounts()
  @ApiOkResponse({ type: CustomerOut })
  async change(
    @Caller() caller: Principal,
    @NumberParam('custId') custId: number,
    @Headers('if-match') ifMatch: string | undefined,
    @Body() body: ChangeCustomerIn,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CustomerOut> {
    const customer = await this.changeCustomers.change(caller, custId, ifMatch, body);
    return shown(reply, etagOf(customer.version), customerOut(customer));
  }

  @Delete(':custId')
  @MayManage()
  @HttpCode(204)
  @ApiNoContentResponse()
  async remove(
    @Caller() caller: Principal,
    @NumberParam('custId') custId: number,
    @Headers('if-match') ifMatch: string | undefined,
  ): Promise<void> {
    await this.changeCustomers.remove(caller, custId, ifMatch);
  }
}
