import { describe, expect, it } from 'vitest';
import { auditEvent } from '../builders/audit-event.ts';
import { grant } from '../builders/trail-records.ts';
import { s3Account } from './running.ts';

describe('two versions of an event in S3, which is read only once', () => {
  const [deed, read] = [
    auditEvent({ auditID: '7a0e1c5e-0000-4000-8000-000000000001' }),
    auditEvent({ auditID: '7a0e1c5e-0000-4000-8000-000000000001', verb: 'get' }),
  ];

  it.each(['whois', 'related'])('have one flag, and %s says so once', async (command) => {
    const { s3, run } = await s3Account();
    const bucket = s3.bucket('logs');
    bucket.put('audit/1.jsonl', Buffer.from(`${JSON.stringify(deed)}\n${JSON.stringify(read)}\n`));
    bucket.put('trail/1.json', Buffer.from(JSON.stringify({ Records: [grant()] })));
    const files = ['--audit', 's3://logs/audit/', '--cloudtrail', 's3://logs/trail/'];
    const { status, errors } = await run([command, '7a0e1c5e-0000-4000-8000-000000000001', ...files]);
    expect([status, errors.split('has no flag, because standard input and S3 are read only once').length]).toEqual([
      0, 2,
    ]);
  });
});
