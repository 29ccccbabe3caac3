import { describe, test } from 'vitest';
import { eventNamesTaken } from '../../infra/sts-events.ts';
import { GRANT_EVENTS } from '../../lib/cloudtrail/evidence-events.ts';
import { between, expectDerived, yamlList } from './derived-part.ts';

const FORWARDING = 'infra/forwarding.yml';
const detailOf = (rule: string) => ['Resources', rule, 'Properties', 'EventPattern', 'detail'];
const { 'sts.amazonaws.com': ofSts = [], ...others } = eventNamesTaken({ uses: true });

describe('The events that are evidence', () => {
  test('are forwarded by the template for other accounts: those of STS', () => {
    expectDerived(yamlList(FORWARDING, [...detailOf('ForwardStsEvents'), 'eventName'], ofSts));
  });

  test('are forwarded by the template for other accounts: all others', () => {
    const indent = ' '.repeat(14);
    const items = Object.entries(others).map(
      ([source, names]) => `eventSource: [${source}]\n${indent}eventName: [${names.join(', ')}]`,
    );
    expectDerived(yamlList(FORWARDING, [...detailOf('ForwardSignIns'), '$or'], items));
  });

  test('are listed in openapi.yaml as what the grants of a chain may be', () => {
    const path = ['components', 'schemas', 'GrantLink', 'properties', 'eventName', 'enum'];
    expectDerived(yamlList('openapi.yaml', path, GRANT_EVENTS));
  });

  test('are listed in the contract as what a grant is', () => {
    const find = between('in which STS issued credentials: ', ' |');
    expectDerived({ file: 'docs/contract.md', find, is: GRANT_EVENTS.join(', ') });
  });

  test('are listed in docs/record.md as what the grants of a chain may be', () => {
    const find = between('| `attribution.chain.eventName` | word | ', ' | AWS |');
    expectDerived({ file: 'docs/record.md', find, is: GRANT_EVENTS.map((name) => `\`${name}\``).join(', ') });
  });
});
