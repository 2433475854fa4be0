"""What is in the way: a box is asked, and a code that somebody has read out is explained."""
