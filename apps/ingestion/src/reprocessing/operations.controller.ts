import { Caller, type Principal, Problem, READERS, Roles, UuidParam } from '@backhaul/http';
import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Operation } from './operation.js';
import { OperationRepository } from './operation.repository.js';

/** How work goes that was accepted with 202. */
@ApiTags('operations')
@Roles(...READERS)
@Controller('api/v1/operations')
export class OperationsController {
  constructor(private readonly operations: OperationRepository) {}

  @Get(':id')
  @ApiOkResponse({ type: Operation })
  async read(@Caller() caller: Principal, @UuidParam('id') id: string): Promise<Operation> {
    const found = await this.operations.find(caller, id);
    if (!found) throw Problem.notFound();
    return found;
  }
}
