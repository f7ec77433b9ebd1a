/**
 * Names that nobody takes for real people: the family names say "example", "sample" or "test" in many languages. Long ones,
 * short ones and diacritics are among them on purpose; they must survive every hop and fit on every screen.
 */
export const familyNames = [
  'Beispiel',
  'Muster',
  'Mustermann-Probehausen',
  'Sample',
  'Specimen',
  'Testperson',
  'Exemple',
  "D'Exemple-Modèle",
  'Ejemplo',
  'Ejemplo de la Muestra y Prueba',
  'Esempio',
  'Exemplo Português',
  'Příklad',
  'Przykładowska-Wzorcowa',
  'Örnek',
  'Példa',
  'Esimerkki',
  'Näidis',
  'Paraugs',
  'Pavyzdys',
  'Primjerčić',
  'Eksempelsøn',
  'Testøe',
  'Dæmi',
  'Ví Dụ',
  'O’Sample',
  'Demonstratovič',
  'Featherstonehaugh-Exemplarsdottir',
] as const;

export const givenNames = {
  F: [
    'Ana',
    'Chloé',
    'Eszter',
    'Fátima',
    'Hồng',
    'Ingrid',
    'Łucja',
    'María José',
    'Renée',
    'Siân',
    'Wilhelmina-Alexandrina',
    'Zoë',
  ],
  M: [
    'Bo',
    'Dimitri',
    'François',
    'Göran',
    'Ivo',
    'José',
    'Kristjan',
    'Maximilian-Konstantin',
    'Noah',
    'Øystein',
    'Tomáš',
    'Ümit',
  ],
} as const;

export const streets = [
  'Example Lane',
  'Sample Street',
  'Placeholder Road',
  'Specimen Avenue',
  'Test Pattern Way',
  'Calle del Ejemplo',
] as const;

export const towns = ['Isthmus Bay', 'Sampleton', 'Port Example', 'Testfield', 'Upper Specimen'] as const;
