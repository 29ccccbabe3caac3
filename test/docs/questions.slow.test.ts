import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { awsAuth } from '../../examples/aws-auth.ts';
import { runCommand } from '../builders/command.ts';
import { person } from '../kubeconfig/running.ts';
import { type RunningService, startService } from '../service/running-service.ts';
import { startAccount } from '../stand-ins/aws/account.ts';
import { asTyped, isEmptyInExamples, QUESTIONS, tellsMoreOverFiles } from './asked.ts';
import { rowsOfCommand, rowsOfRequest } from './asking.ts';
import { documentOf } from './document.ts';
import { factsOf, levelOf } from './facts.ts';
import { commandsOf } from './shell-blocks.ts';

let service: RunningService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

const isOfDoctor = ({ commands }: (typeof QUESTIONS)[number]) => commands.startsWith('eks-whois doctor');

describe.each(QUESTIONS.filter((question) => !isOfDoctor(question)))('$title', (question) => {
  it('is answered alike by the running service, its API and files', async () => {
    const [asService = [], asFiles = [], asApi = []] = await asTyped(question.commands, service.url);
    const byService = await rowsOfCommand(asService, (args) =>
      runCommand(args, undefined, { EKS_WHOIS_API: service.url }),
    );
    const [byApi, byFiles] = [await rowsOfRequest(asApi), await rowsOfCommand(asFiles, (args) => runCommand(args))];
    const level = levelOf([byService, byApi, byFiles]);
    const ofApi = factsOf(byApi, level);
    expect(ofApi).toEqual(factsOf(byService, level));
    expect(ofApi.length === 0, 'answered by nothing').toBe(isEmptyInExamples(question));
    if (tellsMoreOverFiles(question)) expect(factsOf(byFiles, level)).toEqual(expect.arrayContaining([...ofApi]));
    else expect(factsOf(byFiles, level)).toEqual(ofApi);
  });
});

describe.each(QUESTIONS.filter(isOfDoctor))('$title', ({ commands, text }) => {
  it('is answered by doctor alone, and says so', async () => {
    expect(text).toMatch(/The\s+API\s+and\s+the\s+tables\s+cannot\s+answer/);
    const [words = [], ofFiles = [], ...more] = await asTyped(commands, service.url);
    expect(more).toEqual([]);
    const { eksWhois, keep } = await person({ clusters: [{ name: 'prod', region: 'eu-west-1' }] });
    const account = await startAccount({ roles: { 'arn:aws:iam::777788889999:role/legacy-ops': {} } });
    await keep('examples/aws-auth.yaml', awsAuth());
    const ended = await eksWhois(words.slice(1), {
      AWS_ENDPOINT_URL_CLOUDTRAIL: account.url,
      AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: account.url,
      AWS_ENDPOINT_URL_EVENTBRIDGE: account.url,
      AWS_ENDPOINT_URL_IAM: account.url,
    });
    await account.close();
    expect(ended.stdout).toMatch(/trail-missing[\s\S]*username-loses-session/);
    expect(ended.stdout).toMatch(/^ {2}fix: /m);
    expect(ended.status).toBe(3);
    const overFiles = await runCommand(ofFiles.slice(1));
    expect(overFiles.output).toContain('username-loses-session');
    expect(overFiles.status).toBe(3);
  });
});

/** Nobody is let in without credentials on the day of the examples. */
const NOT_IN_THE_EXAMPLES = ['anonymous-access', 'conflicting-copies', 'conflicting-grant-copies'];

describe('the first steps of docs/alerts.md that ask the service', () => {
  const query = [...documentOf('docs/alerts.md').matchAll(/`(eks-whois [^`<]* --api "\$API_URL")`/g)].map(
    ([, step]) => step,
  );
  const environment = () => ({
    API_URL: service.url,
    SESSION: 'AROAHV7GPLCB4FEXAMPLE:etl-debug',
    KEY: 'ASIATFFKRGHYWEXAMPLE',
  });

  it.concurrent.each([...new Set(query)].filter((step) => !/ doctor /.test(String(step))))('%s', async (step) => {
    const [words = []] = await commandsOf(String(step), environment());
    const { status, output } = await runCommand(words.slice(1));
    expect(status).toBe(0);
    const isShown = !words.some((word) => NOT_IN_THE_EXAMPLES.includes(word));
    expect(output.split('\n').slice(1, -1).length > 0).toBe(isShown);
  });
});
