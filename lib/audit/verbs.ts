/**
 * The verbs of objects in the Kubernetes API. First come those that read, then those that change, then those that
 * delete.
 */
export const VERBS: readonly string[] = [
  'get',
  'list',
  'watch',
  'create',
  'update',
  'patch',
  'delete',
  'deletecollection',
];
