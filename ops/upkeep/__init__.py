"""What has to be done again and again, and who does it?"""
