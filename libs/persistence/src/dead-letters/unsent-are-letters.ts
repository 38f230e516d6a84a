import { PLATFORM } from '@backhaul/domain';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What Kafka would not take stood in a table that nobody could look at: it is among the dead letters now. */
export class UnsentAreLetters1764140000000 implements MigrationInterface {
  readonly name = 'UnsentAreLetters1764140000000';

  async up(runner: QueryRunner): Promise<void> {
    // Nobody knows what has left since: they count as overtaken.
    await runner.query(`
      INSERT INTO dead_letter (letter_id, partner_id, topic, part, place, class, reason, group_id, order_key, is_overtaken,
        key, value, headers, set_aside_at)
      SELECT id, coalesce((headers::jsonb ->> 'partner-id')::uuid, '${PLATFORM}'), topic, bucket, seq, 'unsent', left(reason, 300),
        left(md5(topic || '|' || reason), 16), 'unsent|' || topic || '|' || key, true, convert_to(key, 'UTF8'), convert_to(payload, 'UTF8'),
        (SELECT coalesce(jsonb_object_agg(h.key, jsonb_build_array(encode(convert_to(h.value, 'UTF8'), 'base64'))), '{}')
         FROM jsonb_each_text(headers::jsonb) h), refused_at
      FROM outbox_refused ON CONFLICT DO NOTHING;
      DROP TABLE outbox_refused;
      CREATE INDEX dead_letter_unsent ON dead_letter (order_key) WHERE class = 'unsent' AND state = 'waiting';
      COMMENT ON COLUMN dead_letter.place IS 'offset in its partition; of the class unsent the place in the outbox, and part its bucket';
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP INDEX dead_letter_unsent;
      CREATE TABLE outbox_refused (LIKE outbox INCLUDING DEFAULTS, reason text NOT NULL, refused_at timestamptz NOT NULL DEFAULT clock_timestamp());
      INSERT INTO outbox_refused (id, bucket, seq, topic, key, headers, payload, reason, refused_at)
      SELECT letter_id, part, place, topic, convert_from(key, 'UTF8'),
        (SELECT coalesce(jsonb_object_agg(h.key, convert_from(decode(h.value ->> 0, 'base64'), 'UTF8')), '{}')::text FROM jsonb_each(headers) h),
        convert_from(value, 'UTF8'), reason, set_aside_at
      FROM dead_letter WHERE class = 'unsent' AND state = 'waiting';
      DELETE FROM dead_letter WHERE class = 'unsent' AND state = 'waiting';
      COMMENT ON COLUMN dead_letter.place IS 'offset in its partition';
    `);
  }
}
