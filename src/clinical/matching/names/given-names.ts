/**
 * Given names that are common in English- and Spanish-speaking countries, the more common first, as spoken of all ages alive. It serves
 * two things: how much an agreement is worth, and whether two names that look alike are two names (Jon, Joan) or one and a slip of the
 * hand (Madison, Madisoh). Our own list; the order is an estimate.
 */
const COMMON = `
james mary john michael robert david william jennifer elizabeth linda patricia joseph thomas maria susan daniel charles
barbara christopher jessica matthew anthony sarah karen mark lisa nancy margaret donald betty sandra paul ashley kimberly
steven emily donna michelle andrew kenneth joshua kevin brian george carol amanda melissa deborah edward stephanie ronald
timothy jason jeffrey rebecca ryan jacob laura helen gary sharon cynthia kathleen amy nicholas eric jonathan stephen larry
justin shirley angela anna scott brandon ruth brenda pamela benjamin nicole katherine samuel gregory virginia catherine
alexander christine frank debra samantha raymond janet carolyn patrick rachel jack heather dennis jerry diane olivia julie
jose tyler joyce victoria kelly christina aaron lauren joan evelyn judith megan adam henry nathan douglas zachary andrea
cheryl hannah jacqueline peter martha gloria kyle teresa walter ann ethan sara madison frances jeremy harold kathryn janice
keith christian jean alice roger noah abigail gerald carl terry sean austin arthur lawrence jesse dylan bryan joe jordan
billy julia judy bruce albert sophia grace denise amber doris marilyn danielle beverly isabella theresa diana natalie
brittany charlotte marie kayla alexis lori gabriel logan alan juan wayne roy ralph randy eugene vincent russell elijah
louis bobby philip johnny juana luis carlos miguel antonio francisco manuel jesus rosa ana guadalupe carmen margarita
pedro jorge alejandro ricardo fernando eduardo roberto rafael mario javier oscar sergio hector raul ruben cesar marco
emma ava mia amelia harper ella scarlett aria chloe lily zoe penelope layla nora riley mila aubrey hazel ellie luna
savannah audrey brooklyn bella claire skylar lucy paisley everly caroline genesis emilia kennedy maya willow kinsley naomi
sadie aaliyah ariana allison gabriella madelyn cora serenity autumn adeline hailey gianna valentina isla eliana quinn
nevaeh ivy piper lydia josephine emery jade rylee kylie liam mason oliver lucas levi sebastian mateo owen theodore aiden
wyatt carter julian luke grayson isaac jayden leo lincoln jaxon asher josiah hudson ezra landon adrian connor hunter
cameron dominic colton evan jace ian jackson axel everett brayden bentley weston nolan easton cooper kayden parker
leonardo hayden xavier chase cole max maxwell blake ryder tristan micah bryson declan elias harrison damian brody
ivan kaiden bryce sawyer ryker jonah silas brantley miles bennett rowan leon jameson archer oskar felix simon martin
mitchell lachlan callum angus hamish finlay rory joel alexandra georgia holly caitlin courtney amelie imogen phoebe molly
erin rhys owen gareth ian colin stuart graham neil craig derek trevor nigel clive geoffrey malcolm gordon kenny ross
fiona alison heather lynn lynne tracy tracey joanne joanna gillian jill wendy lesley leslie maureen eileen sheila sylvia
marion marian dorothy mildred florence edith ethel irene lillian gladys clara bertha elsie hilda edna agnes thelma ida
pauline norma phyllis lois marjorie dolores audrey june vivian vera minnie annie mabel ellen emma ada stella ernest
fred herbert clarence earl stanley leonard howard alfred lewis harvey theodore francis norman clifford floyd chester
melvin lloyd leroy clyde glenn gilbert cecil edgar milton herman oscar elmer lester vernon marvin sidney
rose ruby jane lorraine geraldine bonnie peggy connie rita gail anne elaine glenda jeanne jeanette paula wanda juanita
sally loretta yvonne joann charlene darlene marlene arlene roberta vicki vickie sherry sheri sherri terri teri tammy tina
dawn robin kim kelli kellie wendi stacy stacey stacie april crystal erica erika monica veronica vanessa jasmine tiffany
kristen kristin kristina kirsten krista kristy kristine misty holly heidi melanie candace candice april natasha tamara
tara katie kathy cathy kate katy kaitlyn kaitlin caitlyn katelyn katelin mckenzie mackenzie makayla mikayla michaela
morgan sydney taylor jordan alyssa alissa elise elisa eliza elisabeth eleanor ellen elena helena leah lea leigh lee
miranda marissa larissa sabrina cassandra cassidy brianna breanna brenna brooke paige hope faith joy destiny
angelica angelina angel adriana adrianna daniela gabriela gabrielle isabel isabelle sofia camila ximena fernanda
alejandra leticia lucia luz esperanza dolores consuelo beatriz blanca silvia rocio norma irma elvira yolanda
claudia patricia veronica lourdes mercedes pilar raquel rebeca catalina carolina mariana marisol maribel araceli
itzel yesenia karina karla perla brisa estela ofelia graciela martina
diego andres santiago pablo enrique ignacio ernesto gerardo guillermo gustavo julio ramon alberto alfredo armando arturo
felipe rodolfo rodrigo salvador esteban ezequiel emilio gonzalo hugo ismael joaquin lorenzo martin mauricio moises
nicolas omar orlando pascual rogelio saul tomas ulises vicente wilfredo abel adan agustin
phillip philippe jon jonathon johnathan johnathon nathaniel nathanael bradley bradford brad brett brent curtis clayton
derrick darren darryl daryl darrell dale dean duane dwayne dwight todd troy travis trent trenton tanner tucker shane
shawn shaun sheldon seth spencer preston garrett gavin grant griffin hayden heath jared jarrod jarred jerome jermaine
jeremiah joel jake jakob johan jan kurt kirk lance leland lonnie luther marc marcus marshall maurice max miles morgan
neal nelson nick norris otis perry pete randall randolph reginald rex rick rickey ricky rodney roland ronnie rudy
rufus sam sammy stewart ted terence terrance terrence tim toby tom tommy tony tyrone wade wallace warren wesley wendell
willard willie zane zachariah zackary zac zach
deanna deanne debbie denise desiree dianna diana dianne dina dolly doreen edwina elva emilie estelle esther eva eve
fay faye felicia fern freda gayle georgina gina ginger greta gretchen gwen gwendolyn harriet henrietta hillary hilary
ingrid iris janelle janine jana janie jayne jeannie jenna jenny jeri jerri jo joni jodi jodie jody jolene josie
juliana julianne juliet june kara karin karina karla kari karyn katharine katrina kay kaye keisha kendra kerry kerri
kiara kiera kira kirra kristi kylie lacey lana larisa latoya laurel laurie laverne leanne lena leona leslie liliana lila lilly
lindsay lindsey lisbeth liz liza lola lorena lorna louisa louise lucille lucinda lynda lynette mabel mae maggie mandy
marcia margie margo marguerite maricela marla marlene marsha matilda maxine may meghan melinda melody mercedes meredith
mindy mona muriel myra myrtle nadia nadine nell nellie nettie nichole nicola nikki nina noel olga olive ollie opal pam
pat patsy patti patty pearl penny polly priscilla rachael ramona randi reba regina rena rene renee rhonda roberta
rochelle rosalie rosalind rosanne roseann rosemarie rosemary roslyn rosie roxanne ruthie sally sandy sasha selena selma shana shannon
shari sharron shawna sheena shelby shelia shelley shelly sheryl sonia sonja sonya sophie stella sue summer susanna
susanne suzanne suzette sybil tabitha tamika tania tanya tasha tatiana teri thea tia tiana toni tonya tricia trina trisha
trudy ursula valerie velma verna vicky viola violet vivienne wilma yvette zelda zara zoey`;

const OTHERS = `
mohammed muhammad mohamed mohammad ahmed ahmad ali hassan hussein hussain omar umar ibrahim yusuf yousef khalid abdul abdullah
mustafa hamza bilal tariq imran fatima aisha ayesha khadija mariam maryam zainab amina layla leila yasmin yasmeen noor huda samira
nasser karim jamal samir rashid salman saeed farid nadia rania hana salma
wei ming li jing yan hui xin yu mei lin chen jun hao feng lei tao jian hong ying fang min xiao yi
minh anh linh thanh tuan hung duc huy trang thao phuong lan mai hoa nam long
raj rajesh ravi amit anil ajay vijay sanjay sunil suresh ramesh rakesh arjun rahul rohit priya anita sunita deepa kavita pooja neha
anjali lakshmi meena geeta gita sita krishna ganesh vikram arun ashok dinesh mahesh manoj mukesh naresh pradeep prakash sandeep
shyam vinod anand asha divya kiran nisha rekha shanti usha indira aarav vivaan aditya vihaan ananya diya
ivan dmitri sergei vladimir alexei nikolai mikhail boris oleg igor andrei pavel anton yuri olga svetlana natalia tatyana irina
ekaterina anastasia ludmila galina elena oksana piotr pawel krzysztof andrzej tomasz marek jakub agnieszka katarzyna malgorzata
hans klaus jurgen dieter wolfgang heinz gerhard helmut stefan andreas matthias sabine monika petra ursula brigitte renate heike
pierre jacques jean michel francois philippe luc marcel claude yves genevieve monique brigitte odette simone chantal sylvie
giovanni giuseppe luigi antonio salvatore vincenzo angelo carlo franco marco matteo luca alessandro francesca giulia chiara
sven lars erik nils bjorn olaf ingrid astrid sigrid anders johan karin birgit
kofi kwame ama akua abena kwasi chinedu chukwu emeka ngozi adaeze ifeoma oluwaseun ayodele tunde sipho thabo nomsa lerato thandi
juma hamisi wanjiku kamau njeri otieno achieng akinyi moses isaac grace esther joyce
kenji hiroshi takashi yuki akira yoko keiko sakura haruto yui jin min joon seung hyun soo jisoo
sinead niamh aoife ciara siobhan oisin cian sean conor padraig eoin fionn saoirse maeve roisin deirdre aidan brendan declan
ewan euan iain alasdair morag catriona eilidh isla mhairi hamish gwyneth dylan carys bethan sian ffion
aidan aden ayden hayley haley hailee kaylee kayleigh kaley keeley keely kelsey kelsie chelsea chelsey darcy darcie ebony tahlia talia
taliah tegan teagan tayla taylah jasmin jazmin jazmine chantelle shantelle bree brielle bronte campbell mitchell zac zali kiah
kyla kya kye kade cade cody kody corey cory curtis dakota dale dane dante darius darcey devon drew eden elijah emerson ethan
finn flynn gabe gemma giselle harley harriet harvey heidi hugh hugo imogen indiana isabella jai jaime jamie jarrod jaxson jayde
jayden jaden jaiden kaden kayden kai kane katrina keira kiara kieran lara layla lilah lillian lily louis luca lucinda luka mackenzie madeleine
madeline madelaine madalyn maddison madison maggie makenzie marcus marley mason matilda mia mikaela millie monique montana naomi nate nathan
ned nicholas olivia ollie oscar paige patrick peta poppy reece reese reuben rhiannon riley rowan ruby ryan sage samara sam scarlett sean
sebastian seth shae shania shayla sienna skye sophie stephanie stella summer tahli tahnee tara tarni teah thomas tia tiffany tilly timothy toby
tristan tyler tyson vanessa victoria xavier yasmin zachary zara zoe alana alanah alannah alanna alisha alicia alice alyssa amber
amelia amy anastasia andie angus annabel annabelle anneliese archie aria ashleigh ashlee ashton austin bailey bayley beau ben benjamin bethany billie
blair blake bonnie braden brayden braydon brad brianna bridget brock brodie brooke brooklyn bryce byron caitlyn caleb callum carla carly carter cassandra
charli charlie charlize charlotte chase chelsea chloe christian claudia connor cooper courtney damien damon daniella danika`;

const list = (text: string): string[] => [...new Set(text.trim().split(/\s+/))];

/** Most common first. */
export const givenNames: readonly string[] = [...new Set([...list(COMMON), ...list(OTHERS)])];

const known = new Set(givenNames);

/** Whether it is an established given name, and so hardly a misspelling of another. */
export const isKnownGivenName = (name: string): boolean => known.has(name);
