// Class names from a component's props, and the sizes HubSpot writes in two ways.

const LONG: Record<string, string> = {
  'extra-small': 'xs',
  small: 'sm',
  medium: 'md',
  large: 'lg',
  'extra-large': 'xl',
};

export function size(name: string | undefined, otherwise: string): string {
  return name ? (LONG[name] ?? name) : otherwise;
}

export function classes(...names: (string | false | undefined)[]): string {
  return names.filter(Boolean).join(' ');
}
