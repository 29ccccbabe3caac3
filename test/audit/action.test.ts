import { describe, expect, it } from 'vitest';
import { actionText, MOST_LISTED, maskedUri } from '../../lib/audit/action.ts';
import type { JsonObject } from '../../lib/json.ts';
import { epochMillis } from '../../lib/time.ts';
import { compareRequest, describedRequest } from '../../lib/usecases/query/anything/described-request.ts';
import { targetColumn } from '../../lib/words/columns.ts';
import { recordOf } from '../builders/answer.ts';
import { auditEvent } from '../builders/audit-event.ts';
import { utc } from '../builders/company.ts';

function actionOf(event: JsonObject) {
  return recordOf({ event: auditEvent(event) }).action;
}

/** The time at which the requests of these tests ended. */
const END = utc('12:10:00.010000');

function ofPod(subresource: string, query: string, verb = 'get') {
  return {
    verb,
    requestURI: `/api/v1/namespaces/shop/pods/web-0/${subresource}?${query}`,
    objectRef: { resource: 'pods', subresource, namespace: 'shop', name: 'web-0', apiVersion: 'v1' },
  };
}

describe('the action of a request', () => {
  it('is the command of an exec, over a WebSocket or not', () => {
    const query = 'command=sh&command=-c&command=cat%20%2Fetc%2Fpasswd+%7C+wc&container=web&stdin=true';
    for (const verb of ['get', 'create'])
      expect(actionOf(ofPod('exec', query, verb))).toEqual({
        command: "sh -c 'cat /etc/passwd | wc'",
        container: 'web',
        endedAt: END,
      });
  });

  it('is the container of an attach, and the ports of a port-forward if the URI states them', () => {
    expect(actionOf(ofPod('attach', 'container=web&stdin=true'))).toEqual({ container: 'web', endedAt: END });
    expect(actionOf(ofPod('portforward', 'ports=8080&ports=5432,70000,x'))).toEqual({ ports: [8_080, 5_432] });
    expect(actionOf(ofPod('portforward', ''))).toBeUndefined();
  });

  it.each<[string, JsonObject, string | undefined]>([
    ['in its last stage', { stageTimestamp: utc('12:41:00') }, utc('12:41:00')],
    ['if it failed', { stage: 'Panic', stageTimestamp: utc('12:41:00') }, utc('12:41:00')],
    ['not in an earlier stage', { stage: 'ResponseStarted' }, undefined],
    ['not if it was refused', { responseStatus: { code: 403 } }, undefined],
  ])('is when an exec ended, %s', (_, fields, endedAt) => {
    expect(actionOf({ ...ofPod('exec', 'command=sh'), ...fields })).toEqual({
      command: 'sh',
      ...(endedAt && { endedAt }),
    });
  });

  it('is the command that the kubelet behind a proxy executes', () => {
    const objectRef = { resource: 'nodes', subresource: 'proxy', name: 'ip-192-0-2-1' };
    const requestURI = '/api/v1/nodes/ip-192-0-2-1/proxy/run/shop/web-0/web?cmd=id';
    expect(actionOf({ objectRef, requestURI })).toEqual({ command: 'id' });
  });

  it('is whom a token is for and until when, and never the token', () => {
    const token = {
      verb: 'create',
      objectRef: { resource: 'serviceaccounts', subresource: 'token', namespace: 'shop', name: 'web' },
      requestObject: {
        spec: {
          audiences: ['sts.amazonaws.com'],
          expirationSeconds: 7_200,
          boundObjectRef: { kind: 'Pod', name: 'web-0', uid: 'u' },
        },
      },
    };
    const action = { audiences: ['sts.amazonaws.com'], boundTo: 'Pod/web-0' };
    expect(actionOf(token)).toEqual({ ...action, expiresAt: utc('14:10:00') });
    const responseObject = { spec: {}, status: { token: 'eyJhbGci', expirationTimestamp: utc('13:10:00') } };
    const answered = recordOf({ event: auditEvent({ ...token, responseObject }) });
    expect(answered.action).toEqual({ ...action, expiresAt: utc('13:10:00') });
    expect(JSON.stringify(answered)).not.toContain('eyJhbGci');
  });

  it('is the ID of the token that was issued, unless the request was refused', () => {
    const token = {
      verb: 'create',
      objectRef: { resource: 'serviceaccounts', subresource: 'token', namespace: 'shop', name: 'web' },
      annotations: { 'authentication.kubernetes.io/issued-credential-id': 'JTI=1' },
    };
    expect(actionOf(token)).toEqual({ credentialId: 'JTI=1' });
    expect(actionOf({ ...token, responseStatus: { code: 403 } })).toBeUndefined();
    expect(actionOf({ ...token, verb: 'get' })).toBeUndefined();
  });

  it('is the role of a binding and its subjects, as the server answers', () => {
    const binding = (subjects: unknown) => ({
      verb: 'patch',
      objectRef: { apiGroup: 'rbac.authorization.k8s.io', resource: 'rolebindings', namespace: 'shop', name: 'b' },
      requestObject: { subjects: [{ kind: 'User', name: 'of the patch' }] },
      responseObject: { kind: 'RoleBinding', roleRef: { kind: 'Role', name: 'edit' }, subjects },
    });
    const subjects = [
      { kind: 'User', name: 'eve' },
      { kind: 'Group', name: 'system:masters' },
      { kind: 'ServiceAccount', name: 'web', namespace: 'shop' },
      'no subject',
    ];
    expect(actionOf(binding(subjects))).toEqual({
      role: 'Role/edit',
      subjects: ['User/eve', 'Group/system:masters', 'ServiceAccount/shop:web'],
    });
    const many = Array.from({ length: 20 }, (_, at) => ({ kind: 'User', name: `u${at}` }));
    const action = actionOf(binding(many));
    expect(action?.subjects).toHaveLength(MOST_LISTED.subjects);
    expect(action?.subjectsLeftOut).toBe(4);
    expect(actionText(action)).toMatch(/^Role\/edit to User\/u0, .*, User\/u15, 4 others$/);
  });

  it('is none where the log has no bodies, and for any other request', () => {
    const objectRef = { apiGroup: 'rbac.authorization.k8s.io', resource: 'rolebindings', namespace: 'shop', name: 'b' };
    expect(actionOf({ objectRef, verb: 'create' })).toBeUndefined();
    expect(actionOf({ objectRef, responseObject: { kind: 'Status', status: 'Failure' } })).toBeUndefined();
    const requestObject = { roleRef: { kind: 'ClusterRole', name: 'x' }, spec: { audiences: ['x'] } };
    expect(actionOf({ requestObject, requestURI: '/api/v1/namespaces/shop/pods/web-0?command=id' })).toBeUndefined();
  });

  it('is cut like every text', () => {
    const action = actionOf(
      ofPod('exec', `command=${'x'.repeat(20)}&command=${'.'.repeat(5_000)}&container=${'c'.repeat(999)}`),
    );
    expect(action?.command).toHaveLength(1_024);
    expect(action?.command?.endsWith('…')).toBe(true);
    expect(action?.container).toHaveLength(256);
  });
});

describe('a URI', () => {
  it('keeps its form, but for the secrets of its command', () => {
    const uri = '/api/v1/namespaces/shop/pods/web-0/exec?command=env&container=web&command=TOKEN%3Dhunter2&stdin=true';
    expect(maskedUri(uri)).toBe(
      '/api/v1/namespaces/shop/pods/web-0/exec?command=env&container=web&command=TOKEN%3D***&stdin=true',
    );
    expect(maskedUri(uri.replace('command=TOKEN', '%63ommand=TOKEN'))).not.toContain('hunter2');
  });

  it.each([
    '/api/v1/namespaces/shop/pods?continue=abc&limit=500',
    '/api/v1/namespaces/shop/pods/web-0/exec?command=%zz&command=%ff+x&x',
    '/api/v1/namespaces/shop/pods/web-0/exec?command',
  ])('%s stays as it is', (uri) => {
    expect(maskedUri(uri)).toBe(uri);
  });
});

describe('a request with an action', () => {
  const requestURI = '/api/v1/namespaces/shop/pods/web-0/exec?command=env&command=TOKEN%3Dhunter2';
  const record = recordOf({ event: auditEvent({ ...ofPod('exec', ''), requestURI }) });

  it('shows it in tables', () => {
    expect(targetColumn(record)).toBe('shop/pods/exec web-0: env TOKEN=***');
  });

  it('is found by a finding that states its path with the secret', () => {
    const at = epochMillis(Date.parse(utc('12:10:00')));
    const agrees = (uri: string) => {
      const described = describedRequest({ by: 'request', circumstances: { at, request: { uri } } });
      return described && compareRequest(record, described).agrees;
    };
    expect(agrees(requestURI)).toContain('uri');
    expect(agrees(requestURI.replace('env', 'id'))).not.toContain('uri');
  });
});
