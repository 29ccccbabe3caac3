/**
 * The built-in resources of each API group, with the short names that kubectl accepts. Audit events have only the
 * plural. Source: Kubernetes, "kubectl", resource types.
 */
const BUILT_IN =
  ':configmaps cm|endpoints ep|events ev|limitranges limits|namespaces ns|nodes no|persistentvolumeclaims pvc|' +
  'persistentvolumes pv|pods po|podtemplates|replicationcontrollers rc|resourcequotas quota|secrets|serviceaccounts sa|' +
  'services svc;events.k8s.io:events ev;' +
  'admissionregistration.k8s.io:mutatingwebhookconfigurations|validatingwebhookconfigurations;' +
  'apiextensions.k8s.io:customresourcedefinitions crd crds;apiregistration.k8s.io:apiservices;' +
  'apps:controllerrevisions|daemonsets ds|deployments deploy|replicasets rs|statefulsets sts;' +
  'authentication.k8s.io:tokenreviews;authorization.k8s.io:subjectaccessreviews;' +
  'autoscaling:horizontalpodautoscalers hpa;batch:cronjobs cj|jobs;certificates.k8s.io:certificatesigningrequests csr;' +
  'coordination.k8s.io:leases;discovery.k8s.io:endpointslices;' +
  'networking.k8s.io:ingressclasses|ingresses ing|networkpolicies netpol;node.k8s.io:runtimeclasses;' +
  'policy:poddisruptionbudgets pdb;' +
  'rbac.authorization.k8s.io:clusterrolebindings|clusterroles|rolebindings|roles;scheduling.k8s.io:priorityclasses pc;' +
  'storage.k8s.io:csidrivers|csinodes|storageclasses sc|volumeattachments';

/**
 * The plurals, by name, and by name with group. They are made when they are first used, because the page never uses
 * them.
 */
let plurals: ReadonlyMap<string, string> | undefined;

function pluralsByName(): ReadonlyMap<string, string> {
  const named = BUILT_IN.split(';').flatMap((ofGroup) => {
    const [group = '', resources = ''] = ofGroup.split(':');
    return resources.split('|').flatMap((names) => {
      const [plural = '', ...short] = names.split(' ');
      const all = [plural, singularOf(plural), ...short];
      return all.flatMap((name) => [[name, plural] as const, [`${name}.${group}`, plural] as const]);
    });
  });
  return new Map(named);
}

function singularOf(plural: string): string {
  if (plural.endsWith('ies')) return plural.replace(/ies$/, 'y');
  return plural.replace(/(?<=ss)es$|s$/, '');
}

/**
 * Returns the resource as audit events name it, if it is written as kubectl accepts it (`secret`, `deploy.apps`,
 * `Pod/exec`). Other texts stay as they are, because a custom resource of another group may have that name.
 */
export function canonicalResource(value: string): string {
  return builtInResource(value) ?? value;
}

/** Returns the built-in resources as audit events name them, without their groups. */
export function builtInResources(): ReadonlySet<string> {
  plurals ??= pluralsByName();
  return new Set(plurals.values());
}

/** Returns a built-in resource as audit events name it. Undefined if the text is none that kubectl accepts. */
export function builtInResource(value: string): string | undefined {
  const [, name = '', group = '', rest = ''] = /^([^./]+)((?:\.[^/]*)?)(.*)$/.exec(value) ?? [];
  plurals ??= pluralsByName();
  const plural = plurals.get((name + group).toLowerCase());
  return plural === undefined ? undefined : plural + group + rest;
}
