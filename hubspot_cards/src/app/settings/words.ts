// What the settings page says, in French and English.

export interface Words {
  title: string;
  text: string;
  open: string;
  ready: string;
  follow: string;
  noBackendTitle: string;
  noBackend: string;
  failedTitle: string;
  failed: string;
}

const fr: Words = {
  title: 'Connexions, réglages et collègues',
  text: 'Propale garde ses réglages chez lui : ce qui est connecté (Stripe, Slack, e-mail), ce que disent vos propositions, et qui a quel rôle.',
  open: 'Ouvrir mon espace Propale',
  ready: 'Le lien s’ouvre une fois, dans la minute.',
  follow: 'Mon espace Propale',
  noBackendTitle: 'Propale n’a pas d’adresse',
  noBackend: 'Demandez à la personne qui a installé Propale de mettre BACKEND_URL dans le profil du projet.',
  failedTitle: 'Propale n’a pas ouvert votre espace',
  failed: 'Propale ne répond pas pour l’instant ; réessayez dans une minute.',
};

const en: Words = {
  title: 'Connections, preferences and colleagues',
  text: 'Propale keeps its settings itself: what is connected (Stripe, Slack, mail), what your proposals say, and who has which role.',
  open: 'Open my Propale space',
  ready: 'The link opens once, within a minute.',
  follow: 'My Propale space',
  noBackendTitle: 'Propale has no address',
  noBackend: 'Ask whoever installed Propale to put BACKEND_URL into the project’s profile.',
  failedTitle: 'Propale did not open your space',
  failed: 'Propale does not answer at the moment; try again in a minute.',
};

export function wordsFor(locale: string): Words {
  return locale.slice(0, 2).toLowerCase() === 'fr' ? fr : en;
}
