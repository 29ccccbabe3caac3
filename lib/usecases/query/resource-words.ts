/**
 * The built-in resources, with the short names that kubectl takes: audit events have the plural alone.
 * Source: Kubernetes, "kubectl", resource types.
 */
const BUILT_IN =
  'configmaps cm|endpoints ep|events ev|limitranges limits|namespaces ns|nodes no|persistentvolumeclaims pvc|' +
  'persistentvolumes pv|pods po|podtemplates|replicationcontrollers rc|resourcequotas quota|secrets|serviceaccounts sa|' +
  'services svc|mutatingwebhookconfigurations|validatingwebhookconfigurations|customresourcedefinitions crd crds|' +
  'apiservices|controllerrevisions|daemonsets ds|deployments deploy|replicasets rs|statefulsets sts|tokenreviews|' +
  'subjectaccessreviews|horizontalpodautoscalers hpa|cronjobs cj|jobs|certificatesigningrequests csr|leases|' +
  'endpointslices|ingressclasses|ingresses ing|networkpolicies netpol|runtimeclasses|poddisruptionbudgets pdb|' +
  'clusterrolebindings|clusterroles|rolebindings|roles|priorityclasses pc|csidrivers|csinodes|storageclasses sc|' +
  'volumeattachments';

/** Read when it is first asked for, so that the page, which asks for none, need not have it. */
let plurals: ReadonlyMap<string, string> | undefined;

function pluralsByName(): ReadonlyMap<string, string> {
  const named = BUILT_IN.split('|').flatMap((names) => {
    const [plural = '', ...short] = names.split(' ');
    return [plural, singularOf(plural), ...short].map((name) => [name, plural] as const);
  });
  return new Map(named);
}

function singularOf(plural: string): string {
  if (plural.endsWith('ies')) return plural.replace(/ies$/, 'y');
  return plural.replace(/(?<=ss)es$|s$/, '');
}

/** A resource as audit events name it, where somebody writes it as kubectl takes it (`secret`, `deploy.apps`, `Pod/exec`); else as it is. */
export function canonicalResource(value: string): string {
  const [, name = '', rest = ''] = /^([^./]+)(.*)$/.exec(value) ?? [];
  plurals ??= pluralsByName();
  const plural = plurals.get(name.toLowerCase());
  return plural === undefined ? value : plural + rest;
}
