const ID = /^[A-Za-z0-9\-.]{1,64}$/;
const TYPE = /^[A-Z][A-Za-z]{1,63}$/;

/** FHIR R4 datatypes.html#id. */
export const isResourceId = (text: string): boolean => ID.test(text);

/** The shape of a resource type's name; whether the type exists is asked elsewhere. */
export const isResourceType = (text: string): boolean => TYPE.test(text);
