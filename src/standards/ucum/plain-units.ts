/**
 * Units that feeds write as UCUM has them, mostly without saying that it is UCUM, and that have no other reading there. Not among them: U/mL, mU/L and U,
 * which are arbitrary as often as catalytic (tumour markers, insulin), and letters such as F, C, m, a.
 */
const rows = [
  // Fractions, counts, rates.
  '% /min /h /uL /mm3 /mL /L /[HPF] /[LPF] 10*3/uL 10*6/uL 10*9/L 10*12/L 10*3/mm3 10*6/mm3 10*6/L',
  '{ratio} {titer} {index} {score} {cells}/uL {copies}/mL [CFU]/mL [ppm] [pH]',
  // Masses, and masses in volumes.
  'kg g mg ug ng pg fg [lb_av] [oz_av] kg/L g/L g/dL g/mL mg/L mg/dL mg/mL ug/L ug/dL ug/mL ng/L ng/dL ng/mL pg/L pg/dL pg/mL',
  'g/l g/dl g/ml mg/l mg/dl mg/ml ug/l ug/dl ug/ml ng/l ng/dl ng/ml pg/ml',
  // Amounts of substance.
  'mol mmol umol nmol pmol mol/L mmol/L umol/L nmol/L pmol/L mmol/l umol/l nmol/l pmol/l mmol/dL mmol/mol mmol/kg umol/mol',
  'meq meq/L meq/l meq/kg mosm/kg mosm/L',
  // Catalytic activity of enzymes, international units.
  'U/L ukat/L nkat/L [iU] [iU]/L [iU]/mL [iU]/dL [iU]/kg m[iU]/L m[iU]/mL u[iU]/mL u[iU]/L k[iU]/L [IU]/L [IU]/mL m[IU]/L u[IU]/mL',
  // Volumes, lengths, areas.
  'L dL mL uL fL l dl ml ul fl cm mm um nm m2 cm2 mm2 cm3 mm3 [in_i] [ft_i] [foz_us] kg/m2 kg.m-2',
  // Pressures, temperatures, times.
  'mm[Hg] cm[H2O] kPa Cel [degF] s min h d wk mo ms',
  // Flows, doses, excretions.
  'mm/h mL/min ml/min L/min l/min mL/h ml/h L/h mL/s mL/min/{1.73_m2} L/min/m2 mL/kg mL/kg/h mg/kg mg/kg/d mg/kg/h ug/kg ug/kg/min ug/min mg/h mg/min',
  'mg/d g/d mL/d mg/(24.h) g/(24.h) ug/(24.h) mmol/(24.h) mL/(24.h) mg/g ug/g mg/mmol ug/mg g/g g/kg mg/mg ng/mg{creat} mg/g{creat} ug/g{creat}',
];

export const plainUnits: readonly string[] = rows.flatMap((row) => row.split(' '));
