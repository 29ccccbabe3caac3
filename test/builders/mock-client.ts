import { type AwsStub, mockClient as mocked } from 'aws-sdk-client-mock';
import { afterAll } from 'vitest';

const mocks: Pick<AwsStub<never, never, never>, 'restore'>[] = [];

/** A class of the SDK's clients answers as the test says, until the file's tests have ended: others share its process. */
export const mockClient: typeof mocked = (client) => {
  const mock = mocked(client);
  mocks.push(mock);
  return mock;
};

afterAll(() => {
  for (const mock of mocks) mock.restore();
});
