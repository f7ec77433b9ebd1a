/**
 * Given names that one person goes by: each line is one name in its forms, English and Spanish. A form can stand in several lines (Alex is
 * Alexander and Alexandra, Chris is Christopher and Christine); the lines are not joined over it, so Alexander and Alexandra stay two names.
 */
const LINES = `
abigail abby abbie gail
abraham abe abram
albert al bert bertie
alejandro alex ale jandro
alejandra alex ale
alexander alex alec al sandy xander sasha lex
alexandra alex alexa lexi lexie sandra sandy sasha alix
alfred al fred alfie freddie
alfredo fredo fred
alice allie ali alicia
alison allison ali allie
amanda mandy manda
amelia amy millie mia
andrew andy drew
andrea andi andie drea
angela angie angel
anna ann anne annie
ann anne annie anna
antonio tony toni antony toño
anthony tony ant
antoinette toni nettie
arthur art artie
ashley ash
barbara barb babs barbie bobbie
beatrice bea trixie
benjamin ben benny benji benjy
bernard bernie barney
bradley brad
bradford brad
brandon brand
brian bri bryan
calvin cal
cameron cam
carlos charlie carlitos
carol carole carrie
carolyn carrie lyn caroline carol
caroline carrie carol lina
casandra cassandra cass cassie sandra
catherine cathy kate katie kathy cat kathryn katherine cate katy kitty
katherine kate katie kathy kat kathryn catherine katy kay kitty kit
kathryn kate katie kathy kat katherine katy
kathleen kathy kate katie kath kay
katelyn kate katie kaitlyn caitlyn
charles charlie chuck chas chaz charley
charlotte charlie lottie char
cheryl cher sheryl
chester chet
christina chris tina chrissy christy kristina
christine chris tina chrissy christy kristine
christian chris
christopher chris topher kit kris kristopher
clarence clare
clayton clay
clifford cliff
clinton clint
concepcion concha conchita
consuelo chelo connie
constance connie
curtis curt
cynthia cindy cyndi cyn
daniel dan danny
danielle dani danni
daniela dani
darlene darla
david dave davey davy
deborah deb debbie debra debby
dennis denny
diana di diane dee
dolores lola lolita
dominic dom nick
donald don donnie donny
donna dona
dorothy dot dottie dolly dora
douglas doug
edgar ed eddie
edmund ed eddie ned ted
eduardo eddie lalo edu
edward ed eddie ted teddy ned
edwin ed eddie
eleanor ellie nora nell elle lena
elijah eli lige
elizabeth liz beth betty lizzie eliza betsy libby lisa elisabeth liza bess bessie elsie ellie
emily em emmy millie
emma em emmy
enrique kike quique henry
ernest ernie
ernesto neto ernie
esther essie hester
eugene gene
eugenia genie
evelyn eve evie lyn
felipe phil pipe
fernando nando fer
florence flo flossie
frances fran frankie fannie francie
francis frank fran frankie
francisco paco pancho frank cisco kiko
francisca paca panchita fran
franklin frank
frederick fred freddie freddy rick fritz
gabriel gabe
gabriela gabi gaby
gabrielle gabby gabi
gerald jerry gerry
geraldine gerry jerry geri
gerard gerry jerry
gilbert gil bert
gloria glo
gregory greg gregg
gretchen greta
guadalupe lupe lupita
guillermo memo willy guille
gustavo gus tavo
gwendolyn gwen wendy
hannah hanna
harold harry hal
harriet hattie
harrison harry
hector tito
helen nell nellie lena ellen
henrietta etta hettie
henry hank harry hal
herbert herb bert
howard howie
ignacio nacho
irene rene
isaac ike zac
isabel bella isa izzy belle isabelle chavela
isabella bella izzy isa belle
jacob jake jack
jacqueline jackie jacqui
james jim jimmy jamie jem jimmie
jane janie jan
janet jan
janice jan
jason jay jace
jean jeanne jeannie
jeffrey jeff geoff geoffrey
jennifer jen jenny jenn jennie
jeremiah jeremy jerry
jeremy jerry
jerome jerry
jessica jess jessie
jesse jess
jesus chuy chucho
joan joanie
joanna jo joann joanne
joaquin quino
joel joe
john jack johnny jon jonny johnnie
jonathan jon jonny nathan johnathan
jonathon jon jonny
jorge george jorgito
jose pepe joe chepe joey
josefina josie pepa fina
joseph joe joey jo
josephine jo josie
joshua josh
joyce joy
juan johnny juanito john
juanita nita
judith judy judi
julia julie jules
julian jules
juliana julie ana
karen kari
kelly kel
kenneth ken kenny
kevin kev
kimberly kim kimmy kimberley
kristen kris kristi kristin
kristina kris tina kristi
kristopher kris chris
larry lawrence
lawrence larry laurie lars
laura laurie lori
lauren laurie ren
leonard leo len lenny
leonardo leo
leslie les
lewis lew louie louis
lillian lily lil lilly
linda lindy lin
louis lou louie lewis
louise lou lulu
lourdes lulu
lucas luke
lucia lucy lu
lucille lucy lu
luis lucho louis
madeline maddie maddy madeleine
madison maddie maddy
manuel manny manolo
manuela manola manuelita
marcus marc mark
margaret maggie meg peggy marge margie greta rita daisy peg madge
margarita rita margie
maria mary mari marie
mariana mari
maria mia
marilyn mary
marjorie marge margie
martha marty mattie
martin marty
martina tina
mary molly polly mae mamie marie maria
matilda tilly mattie tillie
matthew matt matty
maureen mo
maxwell max
maximilian max
maximiliano max
megan meg meghan
melanie mel
melissa mel missy lissa
melvin mel
mercedes mercy meche
michael mike mick mickey mikey micky
michelle shelly shell chelle mich
miguel mike migue
mildred millie
miranda mandy randi
mitchell mitch
mohammed mohamed muhammad mohammad mohd
morris mo maurice
nancy nan
natalie nat talia
natasha tasha nat
nathan nate nat
nathaniel nate nathan nat
nicholas nick nicky nico
nicolas nico nick
nicole nikki nicky nic
norman norm
oliver ollie
olivia liv livvy ollie
oscar ozzie
pamela pam
patricia pat patty tricia trish patti patsy
patrick pat paddy rick
paula polly
paul paulie
pedro pete perico
penelope penny
peter pete
philip phil phillip
rachel rach rachael
rafael rafa ralph
ramon moncho ray
randall randy
randolph randy
raymond ray
rebecca becky becca beck reba
reginald reg reggie
ricardo rick richie cardo ricky
richard rick dick rich richie ricky dickie
robert bob rob bobby robbie bert robby
roberta bobbie robbie
roberto beto rob bobby tito
rodney rod
rodolfo rudy fito
rogelio roy
roger rog
roland rollie
ronald ron ronnie ronny
rosa rosie rosita rose
rosario charo
rosemary rose rosie
rosemarie rose rosie
roxanne roxy
rudolph rudy
russell russ rusty
ruth ruthie
salvador chava sal
salvatore sal
samantha sam sammy
samuel sam sammy
sandra sandy
santiago santi chago diego
sara sarah sally sadie
sarah sara sally sadie
sebastian seb bastian
sergio checo
sharon shari
shirley shirl
sidney sid
solomon sol
sofia sophia sophie sofie
stanley stan
stephanie steph stephie steffi
stephen steve stevie steven
steven steve stevie stephen
stewart stu stuart
susan sue susie suzy suzie
susanna sue susie susana susannah anna
suzanne sue suzy susie
sylvia syl sylvie
tamara tammy tam
teresa terry tess tessa terri tere theresa
theresa terry tess tessa terri teresa
terence terry
theodore ted teddy theo
thomas tom tommy
timothy tim timmy
tobias toby
tyler ty
tyrone ty
valentina vale val tina
valerie val
vanessa nessa
veronica ronnie vero roni
victor vic
victoria vicky tori vicki vickie vic
vincent vince vinny vin
vicente chente
virginia ginny ginger gina
vivian viv
walter walt wally
wesley wes
wilfred will fred
william will bill billy willie willy liam bud
winifred winnie fred
yolanda yoli
yvonne vonnie
zachary zach zack zac zak zachery
`;

const linesOf = new Map<string, number[]>();
LINES.trim()
  .split('\n')
  .forEach((line, at) => {
    for (const form of line.trim().split(' ')) linesOf.set(form, [...(linesOf.get(form) ?? []), at]);
  });

/** Whether one person may go by both (James, Jim). Symmetric; equal names are not nicknames of each other. */
export function areNicknames(a: string, b: string): boolean {
  if (a === b) return false;
  const lines = linesOf.get(a);
  const others = linesOf.get(b);
  if (lines === undefined || others === undefined) return false;
  for (const line of lines) if (others.includes(line)) return true;
  return false;
}
