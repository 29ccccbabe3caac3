import { type AwsStub, mockClient as mocked } from 'aws-sdk-client-mock';
import { afterAll } from 'vitest';

const mocks: Pick<AwsStub<never, never, never>, 'restore'>[] = [];

/** Mocks a class of SDK clients until the file's tests have ended, because other files run in the same process. */
export const mockClient: typeof mocked = (client) => {
  const mock = mocked(client);
  mocks.push(mock);
  return mock;
};

afterAll(() => {
  for (const mock of mocks) mock.restore();
});
