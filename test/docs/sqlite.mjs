// Runs SQL over one table, and writes each statement's rows: standard input and output are JSON. Run by Node.js 24.
import { readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

const { columns, rows, statements } = JSON.parse(readFileSync(0, 'utf8'));
const database = new DatabaseSync(':memory:');
database.function('contains', (list, value) => Number(JSON.parse(list ?? '[]').includes(value)));
database.exec(`CREATE TABLE eks_whois_records (${columns.join(', ')})`);
const insert = database.prepare(`INSERT INTO eks_whois_records VALUES (${columns.map(() => '?').join(', ')})`);
for (const row of rows) insert.run(...row);
process.stdout.write(JSON.stringify(statements.map((sql) => database.prepare(sql).all())));
