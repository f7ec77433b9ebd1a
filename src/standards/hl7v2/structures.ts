/**
 * Message structures that serve several trigger events (2.5.1 table 0354). Every other event has the structure of its
 * own name, so only the shared ones are listed.
 */
const shared: Readonly<Record<string, string>> = {
  ADT_A01: 'A01 A04 A08 A13',
  ADT_A05: 'A05 A14 A28 A31',
  ADT_A06: 'A06 A07',
  ADT_A09: 'A09 A10 A11',
  ADT_A21: 'A21 A22 A23 A25 A26 A27 A29 A32 A33',
  ADT_A30: 'A30 A34 A35 A36 A46 A47 A48 A49',
  ADT_A39: 'A39 A40 A41 A42',
  ADT_A43: 'A43 A44',
  ADT_A50: 'A50 A51',
  ADT_A52: 'A52 A53',
  ADT_A54: 'A54 A55',
  ADT_A61: 'A61 A62',
  CRM_C01: 'C01 C02 C03 C04 C05 C06 C07 C08',
  CSU_C09: 'C09 C10 C11 C12',
  LSU_U12: 'U12 U13',
  MDM_T01: 'T01 T03 T05 T07 T09 T11',
  MDM_T02: 'T02 T04 T06 T08 T10',
  MFK_M01: 'M01 M02 M03 M04 M05 M06 M07 M08 M09 M10 M11 M12 M13',
  ORU_R30: 'R30 R31 R32',
  PEX_P07: 'P07 P08',
  PGL_PC6: 'PC6 PC7 PC8',
  PMU_B01: 'B01 B02',
  PMU_B04: 'B04 B05 B06',
  PPG_PCG: 'PCG PCC PCH PCJ',
  PPP_PCB: 'PCB PCD',
  PPR_PC1: 'PC1 PC2 PC3',
  QBP_Q21: 'Q21 Q22 Q23 Q24 Q25',
  QRY_PC4: 'PC4 PC9 PCE PCK',
  RDE_O11: 'O11 O25',
  REF_I12: 'I12 I13 I14 I15',
  RPA_I08: 'I08 I09 I10 I11',
  RQA_I08: 'I08 I09 I10 I11',
  RQI_I01: 'I01 I02 I03',
  RRI_I12: 'I12 I13 I14 I15',
  RSP_K23: 'K23 K24',
  SIU_S12: 'S12 S13 S14 S15 S16 S17 S18 S19 S20 S21 S22 S23 S24 S26',
  SRM_S01: 'S01 S02 S03 S04 S05 S06 S07 S08 S09 S10 S11',
  SRR_S01: 'S01 S02 S03 S04 S05 S06 S07 S08 S09 S10 S11',
  TCU_U10: 'U10 U11',
};

const byEvent = new Map<string, string>();
for (const [structure, events] of Object.entries(shared)) {
  for (const event of events.split(' ')) byEvent.set(`${structure.slice(0, 3)}^${event}`, structure);
}

interface TypeOfMessage {
  readonly messageCode: string;
  readonly triggerEvent: string;
  readonly structure: string;
}

/**
 * MSH-9.3 when it is there. When not (usual before 2.3.1), what the event map says: `ADT^A04` is `ADT_A01`. Acknowledgments
 * are `ACK` whatever the event.
 */
export function structureOf(type: TypeOfMessage): string {
  const { messageCode, triggerEvent, structure } = type;
  if (structure !== '') return structure;
  if (messageCode === 'ACK' || triggerEvent === '') return messageCode;
  return byEvent.get(`${messageCode}^${triggerEvent}`) ?? `${messageCode}_${triggerEvent}`;
}
