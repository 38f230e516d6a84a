import type { Scope } from '@backhaul/domain';
import {
  And,
  type DataSource,
  type EntityManager,
  type EntityTarget,
  Equal,
  FindOperator,
  type FindOptionsOrder,
  type FindOptionsWhere,
  type ObjectLiteral,
} from 'typeorm';
import { isNarrow } from './scope.js';

/** Rows that belong to a partner. Every method takes the scope first; the one that does not has a loud name. */
export abstract class TenantRepository<Row extends ObjectLiteral & { partnerId: Scope['partnerId'] }> {
  protected constructor(
    protected readonly dataSource: DataSource,
    private readonly target: EntityTarget<Row>,
  ) {}

  /** Which of the partner's rows somebody sees who does not see all of them. */
  protected abstract narrowed(scope: Scope): FindOptionsWhere<Row>;

  protected within(scope: Scope, where: FindOptionsWhere<Row> = {}): FindOptionsWhere<Row> {
    const own = { ...where, partnerId: scope.partnerId };
    return isNarrow(scope) ? both(own, this.narrowed(scope)) : own;
  }

  protected rows(manager: EntityManager = this.dataSource.manager) {
    return manager.getRepository(this.target);
  }

  findOne(scope: Scope, where: FindOptionsWhere<Row>, manager?: EntityManager): Promise<Row | null> {
    return this.rows(manager).findOne({ where: this.within(scope, where) });
  }

  findMany(
    scope: Scope,
    where: FindOptionsWhere<Row>,
    order: FindOptionsOrder<Row>,
    take: number,
  ): Promise<Row[]> {
    return this.rows().find({ where: this.within(scope, where), order, take });
  }

  async insert(scope: Scope, row: Row, manager?: EntityManager): Promise<void> {
    await this.rows(manager).insert({ ...row, partnerId: scope.partnerId });
  }

  async update(
    scope: Scope,
    where: FindOptionsWhere<Row>,
    change: Partial<Row>,
    manager?: EntityManager,
  ): Promise<number> {
    const { affected } = await this.rows(manager).update(this.within(scope, where), change);
    return affected ?? 0;
  }

  async remove(scope: Scope, where: FindOptionsWhere<Row>, manager?: EntityManager): Promise<number> {
    const { affected } = await this.rows(manager).delete(this.within(scope, where));
    return affected ?? 0;
  }

  /** For what serves all partners at once, such as publishing everything anew. */
  findAcrossTenants(order: FindOptionsOrder<Row>): Promise<Row[]> {
    return this.rows().find({ order });
  }
}

/** What fulfils both, also where they speak of the same column. */
function both<Row extends ObjectLiteral>(
  a: FindOptionsWhere<Row>,
  b: FindOptionsWhere<Row>,
): FindOptionsWhere<Row> {
  const joined: Record<string, unknown> = { ...a };
  for (const [column, value] of Object.entries(b))
    joined[column] = column in a ? And(operatorOf(joined[column]), operatorOf(value)) : value;
  return joined as FindOptionsWhere<Row>;
}

const operatorOf = (value: unknown): FindOperator<unknown> =>
  value instanceof FindOperator ? (value as FindOperator<unknown>) : Equal(value);
